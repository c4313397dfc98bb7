package org.iommusim.hw.pgtable;

import org.iommusim.hw.driver.PagingDomain;

/**
 * Entries of x86-64 tables: {@code generic_pt}'s {@code x86_64}, 4 levels. Addresses are of the lower half, whose highest bit is
 * zero.
 *
 * @param highestLeaf 1: 2 MiB pages, 2: 1 GiB too
 */
public record X86Format(int highestLeaf) implements PteFormat {
    /** The programs, as generic_pt calls them. */
    public static final Mapping MAPPING = new Mapping(new Mapping.Names(
            "pt_iommu_x86_64_map_pages",
            "table_alloc",
            "pt_table_install64 (cmpxchg)",
            "x86_64_pt_install_leaf_entry",
            "pt_iommu_x86_64_unmap_pages"));

    /** Levels of the tables. */
    public static final int LEVELS = 4;
    /** Width of the addresses of the lower half, bits. */
    public static final int INPUT_BITS = 47;

    private static final long P = 1;
    private static final long RW = 1 << 1;
    private static final long US = 1 << 2;
    private static final long A = 1 << 5;
    private static final long D = 1 << 6;
    private static final long PS = 1 << 7;
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

    /** A table of these entries. */
    public PageTable table(TableMemory memory, long root) {
        return new PageTable(memory, this, root, INPUT_BITS, 52, LEVELS - 1);
    }

    /** Page sizes of leaves. */
    public long pageSizes() {
        return (1L << 12 | 1L << 21 | 1L << 30) & (2L << PageTable.shift(highestLeaf)) - 1;
    }

    @Override
    public boolean isPresent(long entry) {
        return (entry & P) != 0;
    }

    @Override
    public boolean isTable(long entry, int height) {
        return height > 0 && (entry & PS) == 0;
    }

    @Override
    public long output(long entry, int height) {
        return entry & ADDRESS & (isTable(entry, height) ? -1L : -1L << PageTable.shift(height));
    }

    @Override
    public long tableEntry(long table, int height) {
        return table & ADDRESS | P | RW | US | A;
    }

    /** Accessed and dirty are set from the beginning, so that hardware need not. */
    @Override
    public long leafEntry(long address, int height, int protection) {
        boolean write = (protection & PagingDomain.PROT_WRITE) != 0;
        return address & ADDRESS | P | US | A | (write ? RW | D : 0) | (height > 0 ? PS : 0);
    }
}
