package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Entry of a GCR3 table: 8 bytes, 512 in a table. The last level's entries are the CR3 of guest tables, by PASID. */
public final class Gcr3Entry {
    /** log2 of the bytes in an entry. */
    public static final int SHIFT = 3;
    /** The entry is valid. */
    public static final BitField V = BitField.bit("V", 0, 0);
    /** The next GCR3 table, or the first guest table. */
    public static final BitField ADDRESS = BitField.of("Address", 0, 51, 12);

    private static final int INDEX_BITS = 9;

    private Gcr3Entry() {}

    /**
     * Address of a PASID's entry in a table of one level.
     *
     * @param level 0 for the last one, whose entries lead to guest tables
     */
    public static long address(long table, int level, int pasid) {
        return table + ((long) (pasid >>> INDEX_BITS * level & (1 << INDEX_BITS) - 1) << SHIFT);
    }

    /** How many PASIDs a table of 1 to 3 levels has. */
    public static long pasids(int levels) {
        return 1L << INDEX_BITS * levels;
    }

    /** A valid entry. */
    public static long valid(long address) {
        return ADDRESS.inPlace(address) | V.mask();
    }
}
