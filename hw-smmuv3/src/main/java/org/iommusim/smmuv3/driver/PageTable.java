package org.iommusim.smmuv3.driver;

import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.sim.world.Identified;
import org.iommusim.smmuv3.format.Vmsav8;
import org.jspecify.annotations.Nullable;

/**
 * A VMSAv8-64 table with 4 KiB granule that software writes: the kernel's {@code io-pgtable-arm}, without the steps; those
 * are in {@link MapPages} and {@link UnmapPages}. Immutable but for the words in memory.
 *
 * @param memory where it lies
 * @param stage 1 or 2
 * @param root address of the start table, or of the first of several
 * @param inputBits width of input addresses
 * @param outputBits width of output addresses
 * @param startLevel level of the start table
 * @param forceWriteBack stage 2: attributes are in the encoding of S2FWB
 */
record PageTable(
        TableMemory memory,
        int stage,
        long root,
        int inputBits,
        int outputBits,
        int startLevel,
        boolean forceWriteBack) {
    /** log2 of the granule. */
    static final int PAGE_SHIFT = 12;
    /** Page sizes of leaves: 4 KiB, 2 MiB, 1 GiB. */
    static final long PAGE_SIZES = 1L << 12 | 1L << 21 | 1L << 30;

    /** MAIR of stage 1: index 0 non-cacheable, 1 write-back, 2 Device-nGnRE. */
    static final long MAIR = 0x04_ff_44L;

    private static final int ENTRIES = 512;
    private static final long SH_INNER = 3L << 8;
    private static final long STAGE1_WRITE_BACK = 1L << 2;

    /** Pages that start tables at a level of this input width take: more than one when they are concatenated. */
    static int rootPages(int inputBits, int startLevel) {
        return 1 << Math.max(0, inputBits - Vmsav8.levelShift(PAGE_SHIFT, startLevel) - 9);
    }

    /** Start level of stage 1. */
    static int startLevel1(int inputBits) {
        return 4 - (inputBits - 4) / 9;
    }

    /** Start level of stage 2: up to 16 tables are concatenated instead of using one more level. */
    static int startLevel2(int inputBits) {
        int level = 3 - (inputBits - PAGE_SHIFT - 1) / 9;
        return level < 2 && inputBits - Vmsav8.levelShift(PAGE_SHIFT, level) <= 4 ? level + 1 : level;
    }

    /** log2 of what an entry of a level covers. */
    static int shift(int level) {
        return Vmsav8.levelShift(PAGE_SHIFT, level);
    }

    /** Address of the entry for an input address in a table of a level. */
    long entry(long table, int level, long input) {
        long index = input >>> shift(level);
        return table + 8 * (level == startLevel ? index : index & ENTRIES - 1);
    }

    /** How many entries follow in the table from the one for an input address on, that one included. */
    int entriesLeft(int level, long input) {
        long index = input >>> shift(level);
        return ENTRIES - (int) (index & ENTRIES - 1);
    }

    static boolean isTable(long descriptor, int level) {
        return level < 3 && (descriptor & 3) == (Vmsav8.VALID | Vmsav8.TABLE);
    }

    static boolean isValid(long descriptor) {
        return (descriptor & Vmsav8.VALID) != 0;
    }

    /** Output address of a descriptor of a level. */
    static long output(long descriptor, int level) {
        return descriptor & 0x0000_ffff_ffff_f000L & (isTable(descriptor, level) ? -1L : -1L << shift(level));
    }

    static long tableDescriptor(long table) {
        return table | Vmsav8.VALID | Vmsav8.TABLE;
    }

    /** {@code arm_lpae_prot_to_pte} and the leaf's type and address. */
    long leafDescriptor(long address, int level, int protection) {
        long type = level == 3 ? Vmsav8.VALID | Vmsav8.TABLE : Vmsav8.VALID;
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

    /** {@code iova_to_phys}: reads the table in memory; -1 if nothing is mapped there. */
    long translate(long input) {
        if (input >>> inputBits != 0) {
            return -1;
        }
        long table = root;
        for (int level = startLevel; level <= 3; level++) {
            long descriptor = memory.read(entry(table, level, input));
            if (!isValid(descriptor)) {
                return -1;
            }
            if (!isTable(descriptor, level)) {
                return output(descriptor, level) | input & (1L << shift(level)) - 1;
            }
            table = output(descriptor, level);
        }
        return -1;
    }

    /** All tables at and below one, the deepest first, in front of {@code rest}. */
    @Nullable
    PageList tablesBelow(long table, int level, @Nullable PageList rest) {
        PageList list = new PageList(table, rest);
        for (int i = 0; level < 3 && i < ENTRIES; i++) {
            long descriptor = memory.read(table + 8L * i);
            if (isTable(descriptor, level)) {
                list = tablesBelow(output(descriptor, level), level + 1, list);
            }
        }
        return list;
    }

    /** Gives back all tables, the start tables included; returns how many pages that were. */
    int freeAll() {
        int rootPages = rootPages(inputBits, startLevel);
        int freed = rootPages;
        for (int page = 0; page < rootPages; page++) {
            long start = root + (long) page * (1 << PAGE_SHIFT);
            for (PageList p = tablesBelow(start, startLevel, null); p != null; p = p.next()) {
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
    record PageList(long address, @Nullable PageList next) implements Identified {
        @Override
        public long stableId() {
            return address + 1 + (next == null ? 0 : next.stableId() * 31);
        }
    }
}
