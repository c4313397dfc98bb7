package org.iommusim.vtd.format;

import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.RootEntry;

/** Checks root entries. The address of the context table is {@link RootEntry#CTP} of the word that was checked. */
public final class RootDecoder {
    private RootDecoder() {}

    /**
     * Checks an entry of legacy mode.
     *
     * @param hostAddressBits width of a physical address
     * @return 0 or a fault reason
     */
    public static int legacy(long w0, long w1, int hostAddressBits) {
        if (!RootEntry.P.isSet(w0)) {
            return FaultReason.ROOT_NOT_PRESENT;
        }
        return (w0 & reserved(hostAddressBits) | w1) != 0 ? FaultReason.ROOT_RESERVED : FaultReason.NONE;
    }

    /**
     * Checks the half of an entry of scalable mode that a request needs ({@link RootEntry#scalableWord}).
     *
     * @param hostAddressBits width of a physical address
     * @return 0 or a fault reason
     */
    public static int scalable(long word, int hostAddressBits) {
        if (!RootEntry.P.isSet(word)) {
            return FaultReason.SM_ROOT_NOT_PRESENT;
        }
        return (word & reserved(hostAddressBits)) != 0 ? FaultReason.SM_ROOT_RESERVED : FaultReason.NONE;
    }

    private static long reserved(int hostAddressBits) {
        return RootEntry.RESERVED | -1L << hostAddressBits;
    }
}
