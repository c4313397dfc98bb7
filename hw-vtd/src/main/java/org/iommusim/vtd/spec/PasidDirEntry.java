package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/** PASID directory entry: 8 bytes, one per 64 PASIDs. */
public final class PasidDirEntry {
    /** Bytes in an entry. */
    public static final int BYTES = 8;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 3;
    /** log2 of the number of PASIDs of an entry. */
    public static final int PASID_SHIFT = 6;

    /** The entry is present. */
    public static final BitField P = BitField.bit("P", 0, 0);
    /** Qualified faults of these PASIDs are not recorded; counts in an entry that is not present, too. */
    public static final BitField FPD = BitField.bit("FPD", 0, 1);
    /** The PASID table. */
    public static final BitField SMPTBLPTR = BitField.of("SMPTBLPTR", 0, 63, 12);

    /** Reserved bits. */
    public static final long RESERVED = 0xffc;

    private PasidDirEntry() {}

    /** Address of a PASID's entry. */
    public static long address(long directory, int pasid) {
        return directory + ((long) (pasid >>> PASID_SHIFT) << SHIFT);
    }

    /** A present entry. */
    public static long present(long table) {
        return SMPTBLPTR.inPlace(table) | 1;
    }

    /** An entry in one line for humans. */
    public static String text(long word) {
        return "PASID directory"
                + (P.isSet(word) ? "" : " not present")
                + (FPD.isSet(word) ? " FPD" : "")
                + (P.isSet(word) ? " SMPTBLPTR=0x" + Long.toHexString(SMPTBLPTR.inPlace(word)) : "");
    }
}
