package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/** Context entry of scalable mode: 32 bytes, 4 words, one per function of half a bus. */
public final class ScalableContextEntry {
    /** Words in an entry. */
    public static final int WORDS = 4;
    /** Bytes in an entry. */
    public static final int BYTES = 32;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 5;

    // ---- word 0
    /** The entry is present. */
    public static final BitField P = BitField.bit("P", 0, 0);
    /** Qualified faults of the function are not recorded; counts in an entry that is not present, too. */
    public static final BitField FPD = BitField.bit("FPD", 0, 1);
    /** Device TLB: translation requests and translated requests are allowed. */
    public static final BitField DTE = BitField.bit("DTE", 0, 2);
    /** Requests with PASID are allowed. */
    public static final BitField PASIDE = BitField.bit("PASIDE", 0, 3);
    /** Page requests are allowed. */
    public static final BitField PRE = BitField.bit("PRE", 0, 4);
    /** The PASID directory has 2^(PDTS+7) entries. */
    public static final BitField PDTS = BitField.of("PDTS", 0, 11, 9);
    /** The PASID directory. */
    public static final BitField PASIDDIRPTR = BitField.of("PASIDDIRPTR", 0, 63, 12);

    // ---- word 1
    /** PASID of requests without one (with {@code ECAP.RPS}). */
    public static final BitField RID_PASID = BitField.of("RID_PASID", 1, 19, 0);
    /** Requests without PASID are privileged (with {@code ECAP.RPRIVS}). */
    public static final BitField RID_PRIV = BitField.bit("RID_PRIV", 1, 20);

    /** Reserved bits of word 0. */
    public static final long RESERVED0 = 0x1e0;
    /** Reserved bits of word 1. */
    public static final long RESERVED1 = 0xffff_ffff_ffe0_0000L;
    /** Reserved bits of words 2 and 3. */
    public static final long RESERVED23 = -1L;

    private ScalableContextEntry() {}

    /** Address of a function's entry in the table of its half of the bus, given its source id. */
    public static long address(long contextTable, int sid) {
        return contextTable + ((long) (sid & 0x7f) << SHIFT);
    }

    /** How many PASIDs the directory covers. */
    public static int pasids(long word0) {
        return 1 << PDTS.getInt(word0) + 7 + PasidDirEntry.PASID_SHIFT;
    }

    /** A present entry without any of the flags. */
    public static long[] present(long directory, int pdts, int ridPasid) {
        long[] words = new long[WORDS];
        P.put(words, 1);
        PDTS.put(words, pdts);
        PASIDDIRPTR.putInPlace(words, directory);
        RID_PASID.put(words, ridPasid);
        return words;
    }

    /** An entry in one line for humans. */
    public static String text(long[] words) {
        long w0 = words[0];
        StringBuilder text = new StringBuilder("context");
        if (!P.isSet(w0)) {
            text.append(" not present");
        }
        text.append(FPD.isSet(w0) ? " FPD" : "");
        if (P.isSet(w0)) {
            text.append(DTE.isSet(w0) ? " DTE" : "").append(PASIDE.isSet(w0) ? " PASIDE" : "");
            text.append(PRE.isSet(w0) ? " PRE" : "").append(" PDTS=").append(PDTS.get(w0));
            text.append(" PASIDDIRPTR=0x").append(Long.toHexString(PASIDDIRPTR.inPlace(w0)));
            text.append(" RID_PASID=").append(RID_PASID.in(words));
        }
        return text.toString();
    }
}
