package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pgtable.Mapping;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.PteFormat;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.SsPte;

/**
 * Second-stage entries: {@code generic_pt}'s {@code vtdss}.
 *
 * @param highestLeaf 0: 4 KiB pages only, 1: 2 MiB too, 2: 1 GiB too
 */
record SsFormat(int highestLeaf) implements PteFormat {
    /** The programs, as generic_pt calls them. */
    static final Mapping MAPPING = new Mapping(new Mapping.Names(
            "pt_iommu_vtdss_map_pages",
            "table_alloc",
            "pt_table_install64 (cmpxchg)",
            "vtdss_pt_install_leaf_entry",
            "pt_iommu_vtdss_unmap_pages"));

    /** Entries of a unit's tables. */
    static SsFormat of(Cap cap) {
        return new SsFormat(!cap.ss2m() ? 0 : cap.ss1g() ? 2 : 1);
    }

    /** Levels of the driver's tables: 4 where there are 4, else what there is; 0 if there is no second stage. */
    static int levels(Cap cap) {
        return cap.levels(4) ? 4 : cap.levels(3) ? 3 : cap.levels(5) ? 5 : 0;
    }

    /** Width of the addresses that a table of a unit translates, bits. */
    static int inputBits(Cap cap) {
        return Math.min(cap.mgawBits(), PageTable.shift(levels(cap)));
    }

    /** A table of these entries. */
    PageTable table(TableMemory memory, long root, Cap cap) {
        return new PageTable(memory, this, root, inputBits(cap), 52, levels(cap) - 1);
    }

    /** Page sizes of leaves. */
    long pageSizes() {
        return (1L << 12 | 1L << 21 | 1L << 30) & (2L << PageTable.shift(highestLeaf)) - 1;
    }

    /** There is no present bit: an entry that allows nothing is not present. */
    @Override
    public boolean isPresent(long entry) {
        return (entry & (SsPte.R | SsPte.W)) != 0;
    }

    @Override
    public boolean isTable(long entry, int height) {
        return height > 0 && (entry & SsPte.PS) == 0;
    }

    @Override
    public long output(long entry, int height) {
        return entry & SsPte.ADDRESS & (isTable(entry, height) ? -1L : -1L << PageTable.shift(height));
    }

    @Override
    public long tableEntry(long table, int height) {
        return SsPte.table(table);
    }

    @Override
    public long leafEntry(long address, int height, int protection) {
        boolean read = (protection & PagingDomain.PROT_READ) != 0;
        boolean write = (protection & PagingDomain.PROT_WRITE) != 0;
        return height == 0 ? SsPte.page(address, read, write) : SsPte.superPage(address, read, write);
    }
}
