package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pgtable.Mapping;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.PteFormat;
import org.iommusim.hw.pgtable.TableMemory;

/** Entries of host tables: {@code generic_pt}'s {@code amdv1}, with leaves of 4 KiB, 2 MiB and 1 GiB. */
enum V1Format implements PteFormat {
    /** It has no state. */
    INSTANCE;

    /** The programs, as generic_pt calls them. */
    static final Mapping MAPPING = new Mapping(new Mapping.Names(
            "pt_iommu_amdv1_map_pages",
            "table_alloc",
            "pt_table_install64 (cmpxchg)",
            "amdv1pt_install_leaf_entry",
            "pt_iommu_amdv1_unmap_pages"));

    /** Most levels of a table. */
    static final int LEVELS = 4;

    private static final int HIGHEST_LEAF = 2;

    /** A table of these entries. */
    static PageTable table(TableMemory memory, long root, int levels) {
        return new PageTable(memory, INSTANCE, root, V1Pte.shift(levels + 1), 52, levels - 1);
    }

    /** Page sizes of leaves. */
    static long pageSizes() {
        return 1L << V1Pte.shift(1) | 1L << V1Pte.shift(2) | 1L << V1Pte.shift(3);
    }

    @Override
    public int highestLeaf() {
        return HIGHEST_LEAF;
    }

    @Override
    public boolean isPresent(long entry) {
        return (entry & V1Pte.PR) != 0;
    }

    @Override
    public boolean isTable(long entry, int height) {
        int next = V1Pte.NEXT_LEVEL.getInt(entry);
        return height > 0 && next != V1Pte.LEAF && next != V1Pte.LEAF_SIZED;
    }

    @Override
    public long output(long entry, int height) {
        return entry & V1Pte.ADDRESS;
    }

    /** A table below an entry of a height has as many levels as the height says. */
    @Override
    public long tableEntry(long table, int height) {
        return V1Pte.table(table, height);
    }

    @Override
    public long leafEntry(long address, int height, int protection) {
        boolean read = (protection & PagingDomain.PROT_READ) != 0;
        boolean write = (protection & PagingDomain.PROT_WRITE) != 0;
        return V1Pte.page(address, read, write) | V1Pte.FC;
    }
}
