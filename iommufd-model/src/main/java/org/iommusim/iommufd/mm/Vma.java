package org.iommusim.iommufd.mm;

import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/**
 * An area of a process ({@code struct vm_area_struct}). Immutable: a partial unmap makes new ones.
 *
 * @param start first address
 * @param end first address behind it
 * @param backing what its pages are
 * @param first page of the backing behind {@code start}
 * @param writable {@code VM_WRITE}
 * @param shared {@code VM_SHARED}: a fork maps the same pages; otherwise it gets copies
 * @param owner hears when the area goes, or {@code null}
 * @param id stable id
 */
record Vma(
        long start,
        long end,
        Backing backing,
        int first,
        boolean writable,
        boolean shared,
        @Nullable AreaOwner owner,
        long id)
        implements Identified {
    boolean contains(long va) {
        return va >= start && va < end;
    }

    /** Page of the backing behind an address. */
    int page(long va) {
        return first + (int) ((va - start) / PhysicalMemory.PAGE_BYTES);
    }

    /** The part between two page-aligned addresses inside this area: a user of its own of the backing and the owner. */
    Vma part(long from, long to, long newId) {
        backing.get();
        if (owner != null) {
            owner.open();
        }
        return new Vma(from, to, backing, page(from), writable, shared, owner, newId);
    }

    /** The same area over a copy of its private pages. */
    Vma on(Backing copy, long newId) {
        return new Vma(start, end, copy, first, writable, shared, owner, newId);
    }

    /** The same area without the right to write. */
    Vma readOnly(long newId) {
        return new Vma(start, end, backing, first, false, shared, owner, newId);
    }

    @Override
    public long stableId() {
        return id;
    }
}
