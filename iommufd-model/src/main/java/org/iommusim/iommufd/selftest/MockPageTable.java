package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.DirtyBitmap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The mock's I/O page table (generic_pt with AMD's format and a granule of 2048 bytes): three levels, 38 address bits,
 * leaves of every power of two that the caller allows. Dirty state belongs to a whole leaf.
 *
 * <p>A leaf is one number: its physical address, its size as a power of two in bits 4 to 9, and flags in bits 0 to 3.
 */
final class MockPageTable {
    /** Smallest leaf as a power of two. */
    static final int GRANULE_LG2 = 11;
    /** Bits of an address. */
    static final int ADDRESS_BITS = 38;
    /** Sizes of leaves that the format has, a bit for each. */
    static final long POSSIBLE_SIZES = (1L << ADDRESS_BITS) - (1L << GRANULE_LG2);

    private static final int TOP_LEVEL = 2;
    private static final long PRESENT = 1;
    private static final long DIRTY = 1 << 1;
    private static final int PROTECTION_SHIFT = 2;
    private static final int SIZE_SHIFT = 4;
    private static final long SIZE_MASK = 0x3f;

    private final MockTable top;
    private final long sizes;

    /**
     * An empty table.
     *
     * @param sizes of leaves that may be used ({@code pgsize_bitmap})
     */
    MockPageTable(World world, long sizes) {
        top = new MockTable(world, TOP_LEVEL);
        this.sizes = sizes;
    }

    /**
     * {@code map_range}: the largest leaves that both addresses and the length allow. Error: EADDRINUSE (something is mapped
     * there; what came before it stays mapped).
     */
    int map(long iova, long physical, long bytes, int protection) {
        long done = 0;
        while (done < bytes) {
            int lg2 = bestSize(iova + done, physical + done, bytes - done);
            if (!install(iova + done, lg2, physical + done | PRESENT | (long) protection << PROTECTION_SHIFT)) {
                return Errno.EADDRINUSE;
            }
            done += 1L << lg2;
        }
        return 0;
    }

    /** {@code pt_compute_best_pgsize}. */
    private int bestSize(long iova, long physical, long bytes) {
        int most = Long.numberOfTrailingZeros(iova | physical | Long.highestOneBit(bytes));
        long fitting = most >= Long.SIZE - 1 ? sizes : sizes & (1L << most + 1) - 1;
        if (fitting == 0) {
            throw new IllegalArgumentException("0x" + Long.toHexString(iova) + " to 0x" + Long.toHexString(physical)
                    + ", 0x" + Long.toHexString(bytes) + " bytes: not a multiple of the smallest page");
        }
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(fitting);
    }

    private boolean install(long iova, int lg2, long leaf) {
        MockTable table = top;
        while (table.itemLg2() > lg2) {
            int index = table.index(iova);
            if (table.leaf(index) != 0) {
                return false;
            }
            table = table.makeBelow(index);
        }
        int index = table.index(iova);
        int count = 1 << lg2 - table.itemLg2();
        if (!table.empty(index, count)) {
            return false;
        }
        table.dropBelow(index, count);
        table.leaf(index, count, leaf | (long) lg2 << SIZE_SHIFT);
        return true;
    }

    /** {@code unmap_range}: clears the leaves of a range; holes are no error. The range does not cut a leaf. */
    void unmap(long iova, long bytes) {
        long at = iova;
        long end = iova + bytes;
        while (at != end) {
            MockTable table = tableOf(at);
            long leaf = table.leaf(table.index(at));
            if (leaf == 0) {
                at = Math.min(nextItem(table, at), end);
                continue;
            }
            long start = at & -(1L << size(leaf));
            long next = start + (1L << size(leaf));
            if (start != at || next > end) {
                throw new IllegalArgumentException("an unmap cuts the leaf at 0x" + Long.toHexString(start));
            }
            table.leaf(table.index(at), 1 << size(leaf) - table.itemLg2(), 0);
            at = next;
        }
    }

    /** {@code iova_to_phys}; -1 if nothing is mapped there. */
    long physical(long iova) {
        long leaf = leafOf(iova);
        return leaf == 0 ? -1 : physicalOf(leaf) + (iova & (1L << size(leaf)) - 1);
    }

    /** Bits {@link org.iommusim.hw.driver.PagingDomain} of the leaf of an address; 0 if nothing is mapped there. */
    int protection(long iova) {
        return (int) (leafOf(iova) >>> PROTECTION_SHIFT) & 3;
    }

    /** {@code set_dirty}: the leaf of an address was written to; nothing if nothing is mapped there. */
    void setDirty(long iova) {
        if (!contains(iova)) {
            return;
        }
        MockTable table = tableOf(iova);
        long leaf = table.leaf(table.index(iova));
        if (leaf != 0) {
            write(table, iova, leaf | DIRTY);
        }
    }

    /**
     * {@code read_and_clear_dirty}: tells what is dirty in a range, leaf by leaf. The first leaf is told from the start of
     * the range, the last one up to its end, unless it is exactly one item of a table: that is told as a whole.
     */
    void readAndClearDirty(long iova, long bytes, boolean clear, @Nullable DirtyBitmap bitmap) {
        long at = iova;
        long end = iova + bytes;
        while (at < end) {
            MockTable table = tableOf(at);
            long leaf = table.leaf(table.index(at));
            if (leaf == 0) {
                at = nextItem(table, at);
                continue;
            }
            long next = (at & -(1L << size(leaf))) + (1L << size(leaf));
            if ((leaf & DIRTY) != 0) {
                if (bitmap != null) {
                    boolean oneItem = size(leaf) == table.itemLg2();
                    long item = 1L << table.itemLg2();
                    long stop = Math.min(next, end + item - 1 & -item);
                    bitmap.record(at, oneItem ? item : stop - (at & -item));
                }
                if (clear) {
                    write(table, at, leaf & ~DIRTY);
                }
            }
            at = next;
        }
    }

    private static void write(MockTable table, long iova, long leaf) {
        int count = 1 << size(leaf) - table.itemLg2();
        table.leaf(table.index(iova) & -count, count, leaf);
    }

    private long leafOf(long iova) {
        if (!contains(iova)) {
            return 0;
        }
        MockTable table = tableOf(iova);
        return table.leaf(table.index(iova));
    }

    private static boolean contains(long iova) {
        return iova >>> ADDRESS_BITS == 0;
    }

    /** The lowest table that has an item for an address. */
    private MockTable tableOf(long iova) {
        MockTable table = top;
        MockTable next = table.below(table.index(iova));
        while (next != null) {
            table = next;
            next = table.below(table.index(iova));
        }
        return table;
    }

    private static long nextItem(MockTable table, long iova) {
        long item = 1L << table.itemLg2();
        return (iova & -item) + item;
    }

    private static int size(long leaf) {
        return (int) (leaf >>> SIZE_SHIFT & SIZE_MASK);
    }

    private static long physicalOf(long leaf) {
        return leaf & -(1L << GRANULE_LG2);
    }
}
