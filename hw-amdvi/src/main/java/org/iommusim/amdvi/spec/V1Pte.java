package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Entry of a host page table (v1): 8 bytes, 512 in a table. Levels are 1 (pages of 4 KiB) to 6. */
public final class V1Pte {
    /** Present. */
    public static final long PR = 1;
    /** Accessed, if hardware keeps it. */
    public static final long A = 1 << 5;
    /** Leaf: dirty, if hardware keeps it. */
    public static final long D = 1 << 6;
    /** Level of the table that the entry points to; {@link #LEAF} and {@link #LEAF_SIZED} for pages. */
    public static final BitField NEXT_LEVEL = BitField.of("NextLevel", 0, 11, 9);
    /** The address of a table or page. */
    public static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    /** Leaf: attributes of memory. */
    public static final BitField PMS = BitField.of("PMS", 0, 58, 57);
    /** Leaf: only untranslated accesses may use the page; the answer to a translation request says so. */
    public static final long U = 1L << 59;
    /** Leaf: accesses are snooped, whatever they ask for. */
    public static final long FC = 1L << 60;
    /** Reads are allowed. */
    public static final long IR = 1L << 61;
    /** Writes are allowed. */
    public static final long IW = 1L << 62;

    /** NextLevel: a page of the level's own size. */
    public static final int LEAF = 0;
    /** NextLevel: a page whose size the address says, see {@link #sizedShift}. */
    public static final int LEAF_SIZED = 7;
    /** Most levels. */
    public static final int LEVELS = 6;

    private V1Pte() {}

    /** log2 of how much an entry of a level covers. */
    public static int shift(int level) {
        return 3 + 9 * level;
    }

    /** An entry that points to a table and restricts nothing. */
    public static long table(long address, int level) {
        return NEXT_LEVEL.with(address & ADDRESS | PR | IR | IW, level);
    }

    /** A page of its level's own size. */
    public static long page(long address, boolean read, boolean write) {
        return address & ADDRESS | PR | (read ? IR : 0) | (write ? IW : 0);
    }

    /**
     * A page of {@code 2^shift} bytes, which stands in every entry that it covers.
     *
     * @param shift 13 to 51
     */
    public static long sizedPage(long address, int shift, boolean read, boolean write) {
        long size = (1L << shift - 1) - 1;
        return NEXT_LEVEL.with(page(address & -1L << shift | size & ADDRESS, read, write), LEAF_SIZED);
    }

    /**
     * log2 of the size of a page with {@link #LEAF_SIZED}: the lowest zero of the address, from bit 12 on, is in bit {@code
     * shift - 1}.
     *
     * @return 13 to 52; 0 if the address has no zero
     */
    public static int sizedShift(long entry) {
        long zeros = ~entry & ADDRESS;
        return zeros == 0 ? 0 : Long.numberOfTrailingZeros(zeros) + 1;
    }
}
