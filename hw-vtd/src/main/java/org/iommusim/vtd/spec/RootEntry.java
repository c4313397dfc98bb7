package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Root entry: 16 bytes, 2 words, one per bus. In legacy mode the first word points to the bus's context table and the second
 * is reserved; in scalable mode each word points to the context table of one half of the bus's functions.
 */
public final class RootEntry {
    /** Words in an entry. */
    public static final int WORDS = 2;
    /** Bytes in an entry. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    /** Legacy: the entry is present. */
    public static final BitField P = BitField.bit("P", 0, 0);
    /** Legacy: the context table. */
    public static final BitField CTP = BitField.of("CTP", 0, 63, 12);
    /** Scalable: the lower half is present. */
    public static final BitField LP = BitField.bit("LP", 0, 0);
    /** Scalable: the context table of functions 0 to 0x7f. */
    public static final BitField LCTP = BitField.of("LCTP", 0, 63, 12);
    /** Scalable: the upper half is present. */
    public static final BitField UP = BitField.bit("UP", 1, 0);
    /** Scalable: the context table of functions 0x80 to 0xff. */
    public static final BitField UCTP = BitField.of("UCTP", 1, 63, 12);

    /** Reserved bits of a word that points to a table. */
    public static final long RESERVED = 0xffe;

    private RootEntry() {}

    /** Address of a bus's entry, given a source id. */
    public static long address(long rootTable, int sid) {
        return rootTable + ((long) (sid >>> 8 & 0xff) << SHIFT);
    }

    /** A word that points to a context table. */
    public static long present(long contextTable) {
        return CTP.inPlace(contextTable) | 1;
    }

    /** Which word a source id needs in scalable mode. */
    public static int scalableWord(int sid) {
        return sid >>> 7 & 1;
    }

    /** A word in one line for humans. */
    public static String text(long word) {
        return P.isSet(word) ? "root CTP=0x" + Long.toHexString(CTP.inPlace(word)) : "root not present";
    }
}
