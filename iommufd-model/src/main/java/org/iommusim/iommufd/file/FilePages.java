package org.iommusim.iommufd.file;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.Backing;
import org.iommusim.iommufd.mm.PageSource;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * Pages of a file from an offset on, as a map holds them. A memory file's pages live as long as the map; a file without
 * pages can be mapped too, and answers EINVAL when they are pinned ({@code memfd_pin_folios}).
 */
public final class FilePages implements PageSource {
    private static final long PAGE = PhysicalMemory.PAGE_BYTES;

    private final KernelFile file;
    private final @Nullable Backing backing;
    private final long start;

    private FilePages(KernelFile file, @Nullable Backing backing, long start) {
        this.file = file;
        this.backing = backing;
        this.start = start;
    }

    /**
     * The pages of an open file.
     *
     * @param start offset of the first page, page aligned
     * @param end behind the last byte that is wanted
     * @param source gets the pages, with a reference of their own
     * @return 0; for a file that supplies its pages itself what it answers
     */
    public static int open(KernelFile file, long start, long end, RefCell<PageSource> source) {
        if (file instanceof PageSupplier supplier) {
            return supplier.pages(start, end, source);
        }
        Backing backing = file instanceof MemFd memory ? memory.backing() : null;
        if (backing != null) {
            backing.get();
        }
        source.set(new FilePages(file, backing, start));
        return 0;
    }

    @Override
    public Kind kind() {
        return Kind.FILE;
    }

    @Override
    public long start() {
        return start;
    }

    @Override
    public int pin(long index, long pages, boolean write, PinnedFrames pinned) {
        long first = start / PAGE + index;
        if (backing == null || first < 0 || pages > backing.pages() || first > backing.pages() - pages) {
            return Errno.EINVAL;
        }
        long[] frames = backing.pin((int) first, (int) pages);
        if (frames == null) {
            return Errno.ENOMEM;
        }
        pinned.frames(frames);
        return 0;
    }

    @Override
    public void unpin(long index, long[] frames) {
        if (backing != null) {
            backing.unpin(frames);
        }
    }

    @Override
    public void release() {
        if (backing != null) {
            backing.put();
        }
    }

    @Override
    public long stableId() {
        return file.stableId() * 31 + start + 1;
    }
}
