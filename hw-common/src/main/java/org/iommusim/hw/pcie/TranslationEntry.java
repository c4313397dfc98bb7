package org.iommusim.hw.pcie;

/**
 * The data entry of a translation completion, 64 bits: address in 63:12, S in 11, N in 10, G (global) in 5, Priv in 4, Exe in
 * 3, U (untranslated access only) in 2, W in 1, R in 0 (PCI Express, Address Translation Services). With S=1 the range is
 * larger than 4 KiB: its size is given by the lowest clear bit of the address from bit 12 on.
 */
public final class TranslationEntry {
    /** Reading is granted. */
    public static final long R = 1;
    /** Writing is granted. */
    public static final long W = 1 << 1;
    /** The address may only be accessed untranslated. */
    public static final long U = 1 << 2;
    /** Executing is granted. */
    public static final long EXE = 1 << 3;
    /** What is granted is granted to a privileged entity. */
    public static final long PRIV = 1 << 4;
    /** Holds for every PASID. */
    public static final long GLOBAL = 1 << 5;
    /** The range is larger than 4 KiB. */
    public static final long S = 1 << 11;

    private static final int PAGE_SHIFT = 12;

    private TranslationEntry() {}

    /**
     * Encodes an entry.
     *
     * @param address translated address; bits below the size do not count
     * @param shift log2 of the size in bytes, 12 to 63
     * @param bits of {@link #R}, {@link #W}, {@link #U}, {@link #EXE}, {@link #PRIV}, {@link #GLOBAL}
     */
    public static long of(long address, int shift, long bits) {
        return (address & -1L << shift) | sizeBits(shift) | bits;
    }

    /** The bits of an address field that say its size: as in entries, so in invalidation requests. */
    public static long sizeBits(int shift) {
        // All ones from bit 12 up to the one below the highest bit of the offset, which is clear.
        return shift <= PAGE_SHIFT ? 0 : S | (1L << shift - 1) - (1L << PAGE_SHIFT);
    }

    /** log2 of the size of an entry. */
    public static int shift(long entry) {
        return (entry & S) == 0 ? PAGE_SHIFT : Long.numberOfTrailingZeros(~(entry >>> PAGE_SHIFT)) + PAGE_SHIFT + 1;
    }

    /** Address of the first byte of an entry's range. */
    public static long address(long entry) {
        return entry & -1L << shift(entry);
    }

    /** True if it grants something. */
    public static boolean grants(long entry) {
        return (entry & (R | W | EXE)) != 0;
    }
}
