package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;

/** Where a page table lies: host memory, or a guest's. */
public interface TableMemory {
    /** Answer of {@link #allocate} when there is no memory. */
    long NONE = PageAllocator.NONE;

    /** Reads an aligned 64-bit word. */
    long read(long address);

    /** Writes an aligned 64-bit word. */
    void write(long address, long value);

    /** A run of zeroed pages, aligned to its own size rounded up to a power of two; {@link #NONE} if there is none. */
    long allocate(int pages);

    /** Gives a run back. */
    void free(long address, int pages);

    /** Pages of the host for tables that an IOMMU walks. */
    static TableMemory host(PhysicalMemory memory, PageAllocator allocator) {
        return new TableMemory() {
            @Override
            public long read(long address) {
                return memory.read64(address);
            }

            @Override
            public void write(long address, long value) {
                memory.write64(address, value);
            }

            @Override
            public long allocate(int pages) {
                return allocator.allocate(PageOwner.TABLE, pages, alignment(pages));
            }

            @Override
            public void free(long address, int pages) {
                allocator.free(address, pages);
            }
        };
    }

    /** Pages of a guest. */
    static TableMemory guest(GuestMemory memory) {
        return new TableMemory() {
            @Override
            public long read(long address) {
                return memory.read64(address);
            }

            @Override
            public void write(long address, long value) {
                memory.write64(address, value);
            }

            @Override
            public long allocate(int pages) {
                return pages == 1 ? memory.allocatePage() : memory.allocatePages(pages, alignment(pages));
            }

            @Override
            public void free(long address, int pages) {
                memory.freePages(address, pages);
            }
        };
    }

    private static int alignment(int pages) {
        return Integer.highestOneBit(2 * pages - 1);
    }
}
