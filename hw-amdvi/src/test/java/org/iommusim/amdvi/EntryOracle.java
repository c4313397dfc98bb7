package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.TranslationEntry;

/**
 * A naive reading of what becomes of a request by its device table entry: the decision table of the specification from top to
 * bottom, with literal bits, and nothing shared with the unit but the layout of what it answers. What tables give is told to it.
 */
final class EntryOracle {
    /** What tables give for an address: it is not mapped. */
    static final long UNMAPPED = -1;

    /** The address is one of memory. */
    private static final int NOTHING = -1;
    /** The request is forwarded as it is. */
    private static final int FORWARDED = -2;

    private final Efr efr;
    private final boolean devicesHaveTlbs;
    private final boolean guestsEnabled;

    EntryOracle(Efr efr, boolean devicesHaveTlbs, boolean guestsEnabled) {
        this.efr = efr;
        this.devicesHaveTlbs = devicesHaveTlbs;
        this.guestsEnabled = guestsEnabled && efr.gt();
    }

    private static boolean bit(long word, int bit) {
        return (word >>> bit & 1) != 0;
    }

    private static int field(long word, int high, int low) {
        return (int) (word >>> low & (1L << high - low + 1) - 1);
    }

    /** True if a valid entry has a bit set that means nothing in this unit. */
    private boolean reservedBit(long[] w) {
        boolean first = (w[0] & 0x8000_0000_0000_007cL) != 0;
        boolean third = (w[2] & (efr.gt() ? 0x0030L << 48 : 0x00f0L << 48)) != 0;
        return first || third || (w[3] & 0x003f_0000_0000_7fffL) != 0;
    }

    private boolean reservedValue(long[] w) {
        int paging = field(w[2], 55, 54);
        int levels = field(w[0], 57, 56) + 1;
        boolean guest = guestsEnabled && bit(w[0], 55);
        return field(w[0], 11, 9) > 4 + field(efr.efr(), 11, 10)
                || bit(w[2], 0) && field(w[2], 61, 60) == 3
                || guest && (levels > 3 || levels > 1 + field(efr.efr(), 15, 14))
                || guest && (paging > 1 || paging > field(efr.efr(), 13, 12));
    }

    /** True if an entry translates a request by guest tables. */
    boolean byGuest(long[] w, boolean pasid) {
        return guestsEnabled && bit(w[0], 55) && (pasid || bit(w[0], 54) && bit(efr.efr(), 48));
    }

    /**
     * The outcome of a request.
     *
     * @param inExclusion its address is in the exclusion range; {@code excluded}: which holds for everybody
     * @param mapped what the tables give, or {@link #UNMAPPED}
     */
    String outcome(DmaRequest r, long[] w, boolean inExclusion, boolean excluded, long mapped) {
        boolean pasid = r.pasid() != DmaRequest.NO_PASID;
        boolean asks = r.addressType() == AddressType.TRANSLATION_REQUEST;
        boolean translated = r.addressType() == AddressType.TRANSLATED;
        if (!bit(w[0], 0)) {
            return asks || translated ? invalid(r, w, translated ? 1 : 0) : "BYPASS " + Long.toHexString(r.iova());
        }
        if (reservedBit(w) || reservedValue(w)) {
            return fault(r, w, Event.ILLEGAL_DEV_TABLE_ENTRY, reservedBit(w) ? 1L << 55 : 0);
        }
        int special = pasid || translated ? NOTHING : special(r, w);
        if (special >= 0) {
            return invalid(r, w, asks ? 1 : special);
        }
        if (special == FORWARDED) {
            return asks ? invalid(r, w, 1) : "BYPASS " + Long.toHexString(r.iova());
        }
        if ((asks || translated) && !(bit(w[1], 32) && devicesHaveTlbs)) {
            return invalid(r, w, translated ? 1 : 0);
        }
        if (translated) {
            return r.iova() >>> 52 == 0 ? "OK " + Long.toHexString(r.iova()) : "ABORT";
        }
        if (!bit(w[0], 1)) {
            return asks ? invalid(r, w, 0) : fault(r, w, Event.IO_PAGE_FAULT, 0);
        }
        if (!pasid && (excluded || inExclusion && bit(w[1], 39))) {
            return asks ? granted(w, r.iova()) : "BYPASS " + Long.toHexString(r.iova());
        }
        if (pasid && !byGuest(w, true)) {
            return invalid(r, w, 0);
        }
        boolean tables = byGuest(w, pasid) || field(w[0], 11, 9) != 0;
        long to = tables ? mapped : r.iova();
        if (to == UNMAPPED) {
            return asks ? "SUCCESS 0" : fault(r, w, Event.IO_PAGE_FAULT, 0);
        }
        if (asks) {
            return granted(w, to);
        }
        if (!bit(w[0], r.write() ? 62 : 61)) {
            return fault(r, w, Event.IO_PAGE_FAULT, 1L << 52 | 1L << 54);
        }
        return (tables ? "OK " : "BYPASS ") + Long.toHexString(to);
    }

    private static String granted(long[] w, long to) {
        long bits = (bit(w[0], 61) ? TranslationEntry.R : 0) | (bit(w[0], 62) ? TranslationEntry.W : 0);
        return "SUCCESS " + (bits == 0 ? "0" : Long.toHexString(TranslationEntry.of(to, 12, bits)));
    }

    // ---- addresses that are not those of memory

    /** The type of an invalid request, or what happens otherwise. */
    private int special(DmaRequest r, long[] w) {
        long mib = r.iova() >>> 20;
        if (mib == 0xfee) {
            return 0;
        }
        if (bit(efr.efr2(), 11) || mib < 0xf_d000 || mib > 0xf_ffff) {
            return NOTHING;
        }
        return hyperTransport(r, w);
    }

    private static int hyperTransport(DmaRequest r, long[] w) {
        int translates = bit(w[0], 1) ? NOTHING : 7;
        int management = r.write() ? 3 : 4;
        long low = r.iova() - 0xfd_0000_0000L;
        if (low >= 0xf910_0000L && low < 0xf920_0000L) {
            return switch (field(w[1], 41, 40)) {
                case 1 -> r.write() ? FORWARDED : 4;
                case 3 -> translates;
                default -> management;
            };
        }
        if (low >= 0xfc00_0000L && low < 0xfe00_0000L) {
            return switch (field(w[1], 36, 35)) {
                case 1 -> FORWARDED;
                case 2 -> translates;
                default -> 2;
            };
        }
        return low >= 0xf900_0000L ? management : r.write() ? 6 : 0;
    }

    // ---- events

    private static String invalid(DmaRequest r, long[] w, int type) {
        return fault(r, w, Event.INVALID_DEVICE_REQUEST, (long) type << 57);
    }

    private static String fault(DmaRequest r, long[] w, int code, long flags) {
        boolean pasid = r.pasid() != DmaRequest.NO_PASID;
        boolean asks = r.addressType() == AddressType.TRANSLATION_REQUEST;
        boolean invalid = code == Event.INVALID_DEVICE_REQUEST;
        long word = (long) code << 60 | r.requesterId() | flags;
        word |= pasid ? 1L << 48 | (long) (r.pasid() >>> 16) << 16 | (r.pasid() & 0xffffL) << 32 : 0;
        word |= pasid && !r.privileged() ? 1L << (invalid ? 49 : 50) : 0;
        word |= !invalid && r.write() ? 1L << 53 : 0;
        word |= asks ? 1L << 56 : 0;
        word |= !pasid && code == Event.IO_PAGE_FAULT ? (w[1] & 0xffff) << 32 : 0;
        String status = !asks ? "FAULT" : invalid ? "UNSUPPORTED_REQUEST" : "COMPLETER_ABORT";
        return status + " " + Long.toHexString(word) + " " + Long.toHexString(r.iova());
    }
}
