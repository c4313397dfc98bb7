package org.iommusim.hw.pgtable;

import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * A table that software writes, without the steps; those are in {@link Mapping}. Immutable but for the words in memory.
 *
 * @param memory where it lies
 * @param format what its entries look like
 * @param root address of the start table, or of the first of several
 * @param inputBits width of input addresses
 * @param outputBits width of output addresses
 * @param rootHeight height of the start table
 */
public record PageTable(
        TableMemory memory, PteFormat format, long root, int inputBits, int outputBits, int rootHeight) {
    /** log2 of the bytes of a page. */
    public static final int PAGE_SHIFT = 12;

    /** Words of a table, in host or guest memory. */
    public static final Footprint WORDS =
            Footprint.of(PhysicalMemory.WORD, Variable.named("guest"), Variable.named("mm"));
    /** Giving out and taking back the pages of a table, in host or guest memory. */
    public static final Footprint PAGES = WORDS.and(PhysicalMemory.PAGE, PageAllocator.ALLOCATOR);

    private static final int INDEX_BITS = 9;
    private static final int ENTRIES = 1 << INDEX_BITS;

    /** log2 of what an entry of a height covers, in bytes. */
    public static int shift(int height) {
        return PAGE_SHIFT + INDEX_BITS * height;
    }

    /** Pages that start tables at a height take for this input width: more than one when they are concatenated. */
    public static int rootPages(int inputBits, int rootHeight) {
        return 1 << Math.max(0, inputBits - shift(rootHeight) - INDEX_BITS);
    }

    /** Address of the entry for an input address in a table of a height. */
    long entry(long table, int height, long input) {
        long index = input >>> shift(height);
        return table + Long.BYTES * (height == rootHeight ? index : index & ENTRIES - 1);
    }

    /** How many entries follow in the table from the one for an input address on, that one included. */
    int entriesLeft(int height, long input) {
        long index = input >>> shift(height);
        return ENTRIES - (int) (index & ENTRIES - 1);
    }

    /** True if a leaf of a height can be at an address and is not longer than {@code bytes}. */
    boolean leafFits(int height, long address, long bytes) {
        long size = 1L << shift(height);
        return height == 0 || height <= format.highestLeaf() && (address & size - 1) == 0 && bytes >= size;
    }

    /** {@code iova_to_phys}: reads the table in memory; -1 if nothing is mapped there. */
    public long translate(long input) {
        if (input >>> inputBits != 0) {
            return -1;
        }
        long table = root;
        for (int height = rootHeight; height >= 0; height--) {
            long entry = memory.read(entry(table, height, input));
            if (!format.isPresent(entry)) {
                return -1;
            }
            if (!format.isTable(entry, height)) {
                return format.output(entry, height) | input & (1L << shift(height)) - 1;
            }
            table = format.output(entry, height);
        }
        return -1;
    }

    /** All tables at and below one of a height, the deepest first, in front of {@code rest}. */
    @Nullable
    PageList tablesBelow(long table, int height, @Nullable PageList rest) {
        PageList list = new PageList(table, rest);
        for (int i = 0; height > 0 && i < ENTRIES; i++) {
            long entry = memory.read(table + (long) Long.BYTES * i);
            if (format.isPresent(entry) && format.isTable(entry, height)) {
                list = tablesBelow(format.output(entry, height), height - 1, list);
            }
        }
        return list;
    }

    /** Gives back all tables, the start tables included; returns how many pages that were. */
    public int freeAll() {
        int rootPages = rootPages(inputBits, rootHeight);
        int freed = rootPages;
        for (int page = 0; page < rootPages; page++) {
            long start = root + ((long) page << PAGE_SHIFT);
            for (PageList p = tablesBelow(start, rootHeight, null); p != null; p = p.next()) {
                if (p.address() != start) {
                    memory.free(p.address(), 1);
                    freed++;
                }
            }
        }
        memory.free(root, rootPages);
        return freed;
    }

    /** An immutable list of pages. */
    public record PageList(long address, @Nullable PageList next) implements Identified {
        @Override
        public long stableId() {
            return address + 1 + (next == null ? 0 : next.stableId() * 31);
        }
    }
}
