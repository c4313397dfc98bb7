package org.iommusim.hw.x86;

/** Entry of an x86-64 page table: 8 bytes, 512 in a table. */
public final class X86Pte {
    /** Present. */
    public static final long P = 1;
    /** Writes are allowed. */
    public static final long RW = 1 << 1;
    /** User accesses are allowed. */
    public static final long US = 1 << 2;
    /** Write-through; lowest bit of a leaf's index into the page attribute table. */
    public static final long PWT = 1 << 3;
    /** Cache disable; second bit of a leaf's index into the page attribute table. */
    public static final long PCD = 1 << 4;
    /** Accessed. */
    public static final long A = 1 << 5;
    /** Leaf: dirty. */
    public static final long D = 1 << 6;
    /** A leaf above the lowest level. */
    public static final long PS = 1 << 7;
    /** Leaf of the lowest level: third bit of its index into the page attribute table. */
    public static final long PAT = 1 << 7;
    /** Leaf: the translation holds for every process. */
    public static final long G = 1 << 8;
    /** Extended accessed flag: set by devices whose owner asks for it. */
    public static final long EA = 1 << 10;
    /** Leaf above the lowest level: third bit of its index into the page attribute table. */
    public static final long PAT_LARGE = 1 << 12;
    /** The address: of a table, or of a page (whose size makes low bits reserved). */
    public static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    /** Execution is not allowed. */
    public static final long XD = 1L << 63;

    private X86Pte() {}

    /** An entry that points to a table and restricts nothing. */
    public static long table(long address) {
        return address & ADDRESS | P | RW | US;
    }

    /** A leaf of the lowest level for user accesses. */
    public static long page(long address, boolean write) {
        return address & ADDRESS | P | US | (write ? RW : 0);
    }

    /** A leaf above the lowest level for user accesses. */
    public static long largePage(long address, boolean write) {
        return page(address, write) | PS;
    }
}
