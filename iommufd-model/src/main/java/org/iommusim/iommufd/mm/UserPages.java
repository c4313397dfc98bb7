package org.iommusim.iommufd.mm;

import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.memory.PhysicalMemory;

/** Pages of a process's memory from one address on; what is behind the addresses is found when they are pinned. */
public final class UserPages implements PageSource {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final Process process;
    private final long start;

    /**
     * Pages of a process.
     *
     * @param start virtual address of the first one, page aligned
     */
    public UserPages(Process process, long start) {
        this.process = process;
        this.start = start;
    }

    /** Whose memory it is. */
    public Process process() {
        return process;
    }

    @Override
    public Kind kind() {
        return Kind.USER;
    }

    @Override
    public long start() {
        return start;
    }

    @Override
    public int pin(long index, long pages, boolean write, PinnedFrames pinned) {
        long va = start + index * PAGE;
        long[] frames = process.pinFrames(va, pages, write);
        if (frames == null) {
            return Errno.EFAULT;
        }
        pinned.frames(frames);
        return 0;
    }

    @Override
    public void unpin(long index, long[] frames) {
        process.unpinFrames(start + index * PAGE, frames);
    }

    @Override
    public void release() {
        // mmdrop: the process's memory does not depend on it.
    }

    @Override
    public long stableId() {
        return process.stableId() * 31 + start + 1;
    }
}
