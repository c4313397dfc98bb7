package org.iommusim.vtd.spec;

/**
 * Second-stage table entry: 8 bytes, 512 in a table. There is no present bit: an entry that allows nothing is not present.
 */
public final class SsPte {
    /** Reads are allowed. */
    public static final long R = 1;
    /** Writes are allowed. */
    public static final long W = 1 << 1;
    /** Execution is allowed, if the PASID entry says that this counts. */
    public static final long X = 1 << 2;
    /** Leaf: lowest bit of the 3 of the extended memory type. */
    public static final int EMT_SHIFT = 3;
    /** Leaf: the memory type of the first stage is ignored. */
    public static final long IPAT = 1 << 6;
    /** A leaf above the lowest level. */
    public static final long PS = 1 << 7;
    /** Accessed, if hardware keeps it. */
    public static final long A = 1 << 8;
    /** Leaf: dirty, if hardware keeps it. */
    public static final long D = 1 << 9;
    /** Leaf: accesses are snooped. */
    public static final long SNP = 1 << 11;
    /** The address: of a table, or of a page (whose size makes low bits reserved). */
    public static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    /** Leaf: transient mapping, for device TLBs. */
    public static final long TM = 1L << 62;

    private SsPte() {}

    /** An entry that points to a table and restricts nothing. */
    public static long table(long address) {
        return address & ADDRESS | R | W;
    }

    /** A leaf of the lowest level. */
    public static long page(long address, boolean read, boolean write) {
        return address & ADDRESS | (read ? R : 0) | (write ? W : 0);
    }

    /** A leaf above the lowest level. */
    public static long superPage(long address, boolean read, boolean write) {
        return page(address, read, write) | PS;
    }
}
