package org.iommusim.vtd.format;

import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;

/**
 * What an interrupt remapping table entry makes of a request: whether it allows it, and the message that leaves (VT-d,
 * interrupt remapping; formats of interrupt requests as QEMU and OpenVMM have them).
 *
 * <p>Choices where sources are silent: an entry is looked at in the order present, reserved bits, source; a reserved value
 * of SVT lets no source pass; without posted interrupts IM is not looked at, and without extended interrupt mode the bits of
 * DST outside of 47:40 are not either.
 */
public final class InterruptEntry {
    private static final int LEVEL_ASSERT = 1 << 14;

    private InterruptEntry() {}

    /** {@link FaultReason#NONE}, or why the entry does not let a request of this source id pass. */
    public static int check(long[] entry, int sid) {
        int legal = checkEntry(entry);
        if (legal != FaultReason.NONE) {
            return legal;
        }
        return allows(entry, sid) ? FaultReason.NONE : FaultReason.IR_SOURCE;
    }

    /** {@link FaultReason#NONE}, or what is wrong with the entry whoever asks. */
    public static int checkEntry(long[] entry) {
        if (!Irte.P.isSet(entry[0])) {
            return FaultReason.IR_NOT_PRESENT;
        }
        boolean reserved = (entry[0] & Irte.RESERVED0) != 0 || (entry[1] & Irte.RESERVED1) != 0;
        return reserved ? FaultReason.IR_RESERVED : FaultReason.NONE;
    }

    /** True if faults that the entry is responsible for are not recorded. */
    public static boolean suppresses(long[] entry) {
        return Irte.FPD.isSet(entry[0]);
    }

    private static boolean allows(long[] entry, int sid) {
        int source = Irte.SID.intIn(entry);
        return switch (Irte.SVT.intIn(entry)) {
            case Irte.SVT_NONE -> true;
            case Irte.SVT_SID -> ((sid ^ source) & ~Irte.ignoredFunctionBits(Irte.SQ.intIn(entry))) == 0;
            case Irte.SVT_BUS -> sid >>> 8 >= source >>> 8 && sid >>> 8 <= (source & 0xff);
            default -> false;
        };
    }

    /**
     * Where the message goes that leaves.
     *
     * @param extended destinations have 32 bits, 31:8 of which are in the upper half of the address
     */
    public static long address(long[] entry, boolean extended) {
        long destination = extended ? Irte.DST.in(entry) : Irte.DST_XAPIC.in(entry);
        return (destination & 0xffff_ff00L) << 32
                | Irte.MESSAGE_FIRST
                | (destination & 0xff) << 12
                | Irte.RH.in(entry) << 3
                | Irte.DM.in(entry) << 2;
    }

    /** Data of the message that leaves; its level is always "assert". */
    public static int data(long[] entry) {
        return Irte.V.intIn(entry) | Irte.DLM.intIn(entry) << 8 | LEVEL_ASSERT | Irte.TM.intIn(entry) << 15;
    }
}
