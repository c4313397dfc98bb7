package org.iommusim.iommufd.mm;

import java.util.Arrays;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.Identified;

/** An area of a process with the page behind each of its addresses. Immutable: a partial unmap makes new ones. */
final class Vma implements Identified {
    private final long start;
    private final long[] frames;
    private final boolean writable;
    private final long id;

    Vma(long start, long[] frames, boolean writable, long id) {
        this.writable = writable;
        this.start = start;
        this.frames = frames.clone();
        this.id = id;
    }

    long start() {
        return start;
    }

    long end() {
        return start + (long) frames.length * PhysicalMemory.PAGE_BYTES;
    }

    boolean contains(long va) {
        return va >= start && va < end();
    }

    /** Physical address of the page that holds this address. */
    long frame(long va) {
        return frames[(int) ((va - start) / PhysicalMemory.PAGE_BYTES)];
    }

    /** The part between two page-aligned addresses inside this area. */
    Vma part(long from, long to, long newId) {
        int first = (int) ((from - start) / PhysicalMemory.PAGE_BYTES);
        int last = (int) ((to - start) / PhysicalMemory.PAGE_BYTES);
        return new Vma(from, Arrays.copyOfRange(frames, first, last), writable, newId);
    }

    boolean writable() {
        return writable;
    }

    /** The same area without the right to write. */
    Vma readOnly(long newId) {
        return new Vma(start, frames, false, newId);
    }

    @Override
    public long stableId() {
        return id;
    }
}
