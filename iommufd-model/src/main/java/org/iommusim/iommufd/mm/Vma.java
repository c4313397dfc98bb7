package org.iommusim.iommufd.mm;

import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.Identified;

/**
 * An area of a process ({@code struct vm_area_struct}). Immutable: a partial unmap makes new ones.
 *
 * @param start first address
 * @param end first address behind it
 * @param backing what its pages are
 * @param first page of the backing behind {@code start}
 * @param writable {@code VM_WRITE}
 * @param shared {@code VM_SHARED}: a fork maps the same pages; otherwise it gets copies
 * @param id stable id
 */
record Vma(long start, long end, Backing backing, int first, boolean writable, boolean shared, long id)
        implements Identified {
    boolean contains(long va) {
        return va >= start && va < end;
    }

    /** Page of the backing behind an address. */
    int page(long va) {
        return first + (int) ((va - start) / PhysicalMemory.PAGE_BYTES);
    }

    /** The part between two page-aligned addresses inside this area; a user of the backing of its own. */
    Vma part(long from, long to, long newId) {
        backing.get();
        return new Vma(from, to, backing, page(from), writable, shared, newId);
    }

    @Override
    public long stableId() {
        return id;
    }
}
