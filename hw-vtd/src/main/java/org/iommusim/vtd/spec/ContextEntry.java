package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/** Context entry of legacy mode: 16 bytes, 2 words, one per function of a bus. */
public final class ContextEntry {
    /** Words in an entry. */
    public static final int WORDS = 2;
    /** Bytes in an entry. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    // ---- word 0
    /** The entry is present. */
    public static final BitField P = BitField.bit("P", 0, 0);
    /** Qualified faults of the function are not recorded; counts in an entry that is not present, too. */
    public static final BitField FPD = BitField.bit("FPD", 0, 1);
    /** Translation type: {@link #TT_UNTRANSLATED} ... */
    public static final BitField TT = BitField.of("TT", 0, 3, 2);
    /** The first table of the second stage. */
    public static final BitField SSPTPTR = BitField.of("SSPTPTR", 0, 63, 12);

    // ---- word 1
    /** Levels of the second stage, less 2. */
    public static final BitField AW = BitField.of("AW", 1, 2, 0);
    /** For software; Linux marks a copied entry here. */
    public static final BitField AVAIL = BitField.of("AVAIL", 1, 6, 3);
    /** Domain id: the tag of what is cached. */
    public static final BitField DID = BitField.of("DID", 1, 23, 8);

    /** Reserved bits of word 0. */
    public static final long RESERVED0 = 0xff0;
    /** Reserved bits of word 1. */
    public static final long RESERVED1 = 0xffff_ffff_ff00_0080L;

    /** TT: untranslated requests are translated, others are blocked. */
    public static final int TT_UNTRANSLATED = 0;
    /** TT: all requests: with ATS. */
    public static final int TT_ALL = 1;
    /** TT: untranslated requests pass, others are blocked. */
    public static final int TT_PASS_THROUGH = 2;
    /** TT: reserved. */
    public static final int TT_RESERVED = 3;

    private ContextEntry() {}

    /** Address of a function's entry, given its source id. */
    public static long address(long contextTable, int sid) {
        return contextTable + ((long) (sid & 0xff) << SHIFT);
    }

    /** A present entry. */
    public static long[] present(int tt, long table, int levels, int did) {
        long[] words = new long[WORDS];
        P.put(words, 1);
        TT.put(words, tt);
        SSPTPTR.putInPlace(words, table);
        AW.put(words, levels - 2);
        DID.put(words, did);
        return words;
    }

    /** An entry in one line for humans. */
    public static String text(long[] words) {
        StringBuilder text = new StringBuilder("context");
        if (!P.isSet(words[0])) {
            text.append(" not present");
        }
        text.append(FPD.isSet(words[0]) ? " FPD" : "");
        if (P.isSet(words[0])) {
            text.append(" TT=").append(TT.in(words));
            text.append(" AW=").append(AW.in(words));
            text.append(" DID=").append(DID.in(words));
            text.append(" SSPTPTR=0x").append(Long.toHexString(SSPTPTR.inPlace(words[0])));
        }
        return text.toString();
    }
}
