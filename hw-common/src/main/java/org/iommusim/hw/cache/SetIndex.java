package org.iommusim.hw.cache;

/** Which of a number of sets an index falls into. */
public final class SetIndex {
    private SetIndex() {}

    /**
     * The unsigned remainder of an index by a number of sets. Every lookup asks, and a division of 64 bits is the slowest
     * instruction there is, so the usual cases do without it.
     *
     * @param index any 64 bits
     * @param sets how many sets, at least 1
     */
    public static int of(long index, int sets) {
        if ((sets & sets - 1) == 0) {
            return (int) index & sets - 1;
        }
        if (index >>> 31 == 0) {
            return (int) index % sets;
        }
        return (int) Long.remainderUnsigned(index, sets);
    }
}
