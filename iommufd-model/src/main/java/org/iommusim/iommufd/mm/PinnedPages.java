package org.iommusim.iommufd.mm;

import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.Identified;

/** Pages of a process that are pinned together: addresses that follow each other. Immutable. */
public final class PinnedPages implements Identified {
    private final Process process;
    private final long va;
    private final long[] frames;
    private final long id;

    PinnedPages(Process process, long va, long[] frames, long id) {
        this.process = process;
        this.va = va;
        this.frames = frames.clone();
        this.id = id;
    }

    /** Whose pages they are. */
    public Process process() {
        return process;
    }

    /** Virtual address of the first. */
    public long va() {
        return va;
    }

    /** How many. */
    public int count() {
        return frames.length;
    }

    /** Physical address of one. */
    public long frame(int index) {
        return frames[index];
    }

    /** How many pages from this one on follow each other in physical memory too, at least 1. */
    public int contiguousFrom(int index) {
        int n = 1;
        while (index + n < frames.length && frames[index + n] == frames[index] + (long) n * PhysicalMemory.PAGE_BYTES) {
            n++;
        }
        return n;
    }

    @Override
    public long stableId() {
        return id;
    }
}
