package org.iommusim.sim.memory;

import java.util.function.BooleanSupplier;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * Gives out pages of one range of physical memory, always the lowest free run, and takes them back. Pages are zeroed
 * when given out. The allocator's state is one shared variable: two allocations never commute.
 */
public final class PageAllocator {
    /** The variable of all page allocators. */
    public static final Variable ALLOCATOR = Variable.named("memory.allocator");

    /** Answer when no run is free. */
    public static final long NONE = -1L;

    private static final Variable BITS = Variable.unhashed("memory.allocator.bits");

    private final PhysicalMemory memory;
    private final MemoryRange range;
    private final int pages;
    private final IntArrayCell used;
    private final LongCell lowestFree;
    private final LongCell usedPages;
    private BooleanSupplier refuses = () -> false;

    /** Manages {@code range}, whose pages must be {@link PageOwner#FREE}. */
    public PageAllocator(World world, PhysicalMemory memory, MemoryRange range) {
        this.memory = memory;
        this.range = range;
        pages = Math.toIntExact(range.bytes() / PhysicalMemory.PAGE_BYTES);
        long id = world.nextInstance();
        used = new IntArrayCell(world, BITS, id, (pages + 31) / 32);
        lowestFree = new LongCell(world, ALLOCATOR, id, 0);
        usedPages = new LongCell(world, ALLOCATOR, id + (1L << 40), 0);
    }

    /** The managed range. */
    public MemoryRange range() {
        return range;
    }

    /** How many pages are given out. */
    public long usedPages() {
        return usedPages.get();
    }

    /** Has allocations of the kernel refused, as if memory had run out, whenever this says so; it is asked once for each. */
    public void refuseWhen(BooleanSupplier newRefuses) {
        refuses = newRefuses;
    }

    /** One zeroed page for {@code owner}; its address, or {@link #NONE}. */
    public long allocate(PageOwner owner) {
        return allocate(owner, 1, 1);
    }

    /**
     * A run of zeroed pages.
     *
     * @param count how many pages, at least 1
     * @param alignPages the run's first page number is a multiple of this (counted from address 0), a power of two
     * @return address of the first page, or {@link #NONE} if no run is free
     */
    public long allocate(PageOwner owner, int count, int alignPages) {
        if (owner != PageOwner.PROCESS && refuses.getAsBoolean()) {
            return NONE;
        }
        long firstPage = range.base() / PhysicalMemory.PAGE_BYTES;
        int at = (int) lowestFree.get();
        while (true) {
            long misaligned = (firstPage + at) % alignPages;
            if (misaligned != 0) {
                at += (int) (alignPages - misaligned);
            }
            if ((long) at + count > pages) {
                return NONE;
            }
            int blocked = lastUsedIn(at, count);
            if (blocked < 0) {
                break;
            }
            at = blocked + 1;
        }
        for (int i = 0; i < count; i++) {
            take(at + i, owner);
        }
        if (at == lowestFree.get()) {
            lowestFree.set(at + count);
        }
        usedPages.add(count);
        return address(at);
    }

    /** Takes back a run of pages. Giving back a page that is free is an error of the model's software: reported. */
    public void free(long address, int count) {
        int first = Math.toIntExact((address - range.base()) / PhysicalMemory.PAGE_BYTES);
        for (int i = first; i < first + count; i++) {
            if (!isUsed(i)) {
                throw new IllegalStateException("page 0x" + Long.toHexString(address(i)) + " is freed twice");
            }
            used.set(i / 32, used.get(i / 32) & ~(1 << i % 32));
            memory.setOwner(address(i), PageOwner.FREE);
        }
        usedPages.add(-count);
        if (first < lowestFree.get()) {
            lowestFree.set(first);
        }
    }

    private void take(int page, PageOwner owner) {
        used.set(page / 32, used.get(page / 32) | 1 << page % 32);
        memory.setOwner(address(page), owner);
        memory.zeroPage(address(page));
    }

    private int lastUsedIn(int first, int count) {
        for (int i = first + count - 1; i >= first; i--) {
            if (isUsed(i)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isUsed(int page) {
        return (used.get(page / 32) & 1 << page % 32) != 0;
    }

    private long address(int page) {
        return range.base() + (long) page * PhysicalMemory.PAGE_BYTES;
    }
}
