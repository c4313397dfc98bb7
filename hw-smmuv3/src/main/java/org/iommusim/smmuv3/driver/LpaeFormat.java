package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.pgtable.Mapping;
import org.iommusim.hw.pgtable.PageTable;
import org.iommusim.hw.pgtable.PteFormat;
import org.iommusim.hw.pgtable.TableMemory;
import org.iommusim.smmuv3.format.Vmsav8;

/**
 * VMSAv8-64 entries with 4 KiB granule: the kernel's {@code io-pgtable-arm}. The architecture counts levels from the top,
 * {@link PageTable} from the bottom: level 3 is height 0.
 *
 * @param stage 1 or 2
 * @param forceWriteBack stage 2: attributes are in the encoding of S2FWB
 */
record LpaeFormat(int stage, boolean forceWriteBack) implements PteFormat {
    /** The programs, as io-pgtable-arm calls them. */
    static final Mapping MAPPING = new Mapping(new Mapping.Names(
            "arm_lpae_map_pages",
            "__arm_lpae_alloc_pages",
            "arm_lpae_install_table (cmpxchg)",
            "arm_lpae_init_pte",
            "arm_lpae_unmap_pages"));

    /** Page sizes of leaves: 4 KiB, 2 MiB, 1 GiB. */
    static final long PAGE_SIZES = 1L << 12 | 1L << 21 | 1L << 30;

    /** MAIR of stage 1: index 0 non-cacheable, 1 write-back, 2 Device-nGnRE. */
    static final long MAIR = 0x04_ff_44L;

    private static final int LAST_LEVEL = 3;
    private static final long SH_INNER = 3L << 8;
    private static final long STAGE1_WRITE_BACK = 1L << 2;
    private static final long ADDRESS = 0x0000_ffff_ffff_f000L;

    /** A table of these entries. */
    PageTable table(TableMemory memory, long root, int inputBits, int outputBits) {
        return new PageTable(memory, this, root, inputBits, outputBits, LAST_LEVEL - startLevel(inputBits));
    }

    /** Pages that the start tables take for this input width. */
    int rootPages(int inputBits) {
        return PageTable.rootPages(inputBits, LAST_LEVEL - startLevel(inputBits));
    }

    /** Start level for this input width; stage 2 concatenates up to 16 tables instead of using one more level. */
    int startLevel(int inputBits) {
        if (stage == 1) {
            return 4 - (inputBits - 4) / 9;
        }
        int level = LAST_LEVEL - (inputBits - PageTable.PAGE_SHIFT - 1) / 9;
        return level < 2 && inputBits - PageTable.shift(LAST_LEVEL - level) <= 4 ? level + 1 : level;
    }

    /** Start level of a table of these entries. */
    static int startLevel(PageTable table) {
        return LAST_LEVEL - table.rootHeight();
    }

    @Override
    public boolean isPresent(long entry) {
        return (entry & Vmsav8.VALID) != 0;
    }

    @Override
    public boolean isTable(long entry, int height) {
        return height > 0 && (entry & Vmsav8.TABLE) != 0;
    }

    @Override
    public long output(long entry, int height) {
        return entry & ADDRESS & (isTable(entry, height) ? -1L : -1L << PageTable.shift(height));
    }

    @Override
    public long tableEntry(long table, int height) {
        return table | Vmsav8.VALID | Vmsav8.TABLE;
    }

    /** {@code arm_lpae_prot_to_pte} and the leaf's type and address. */
    @Override
    public long leafEntry(long address, int height, int protection) {
        long type = height == 0 ? Vmsav8.VALID | Vmsav8.TABLE : Vmsav8.VALID;
        long bits = address | type | Vmsav8.AF | SH_INNER;
        boolean write = (protection & PagingDomain.PROT_WRITE) != 0;
        if (stage == 1) {
            return bits | STAGE1_WRITE_BACK | Vmsav8.NG | Vmsav8.AP_UNPRIVILEGED | (write ? 0 : Vmsav8.AP_READ_ONLY);
        }
        return bits
                | (forceWriteBack ? 0x6L : 0xfL) << 2
                | ((protection & PagingDomain.PROT_READ) != 0 ? Vmsav8.S2AP_READ : 0)
                | (write ? Vmsav8.S2AP_WRITE : 0);
    }

    @Override
    public int highestLeaf() {
        return 2;
    }
}
