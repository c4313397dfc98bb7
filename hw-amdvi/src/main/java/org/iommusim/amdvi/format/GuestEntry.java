package org.iommusim.amdvi.format;

import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.GuestIrte;
import org.iommusim.amdvi.spec.Irte;

/**
 * What an interrupt remapping table entry in guest mode makes of a message. Whether it is in guest mode at all is to be looked at
 * only if the unit posts interrupts (GAEn, GAMEn); otherwise GuestMode is reserved, and {@link InterruptEntry} says so.
 *
 * <p>Choice where sources are silent: every bit that has no meaning in this format is reserved; without XTEn only the lowest 8 bits
 * of a destination are looked at.
 */
public final class GuestEntry {
    private static final int XAPIC = 0xff;
    private static final int VECTOR = 0xff;

    private GuestEntry() {}

    /** True if the entry is in guest mode. */
    public static boolean isGuest(long[] entry) {
        return GuestIrte.GUEST_MODE.isSet(entry[0]);
    }

    /** True if one in guest mode sets an interrupt pending. What is wrong with others {@link InterruptEntry#flags} says. */
    public static boolean posts(long[] entry, Efr efr) {
        return GuestIrte.REMAP_EN.isSet(entry[0])
                && (entry[0] & GuestIrte.reserved0(efr)) == 0
                && (entry[1] & GuestIrte.RESERVED1) == 0;
    }

    /** True if the guest runs. */
    public static boolean runs(long w0) {
        return GuestIrte.IS_RUN.isSet(w0);
    }

    /**
     * The processor on which it runs.
     *
     * @param xt destinations have 32 bits
     */
    public static long processor(long w0, long w1, boolean xt) {
        int destination = Irte.destination(w0, w1);
        return xt ? Integer.toUnsignedLong(destination) : destination & XAPIC;
    }

    /** True if, while the guest does not run, the guest virtual APIC log is to tell of the interrupt. */
    public static boolean logs(long w0) {
        return GuestIrte.GA_LOG_INTR.isSet(w0);
    }

    /** True if, while the guest does not run, a processor may be interrupted where there is GAPPI. */
    public static boolean interrupts(long w0) {
        return !GuestIrte.GAPPI_DIS.isSet(w0);
    }

    /** Where that interrupt goes; {@code xt} as for {@link #processor}. */
    public static long address(long w0, long w1, boolean xt) {
        return Irte.messageAddress(Irte.destination(w0, w1), xt);
    }

    /** Data of that interrupt: a fixed one, whose vector is in the tag. */
    public static int data(long w0) {
        return InterruptEntry.fixed(GuestIrte.GA_TAG.getInt(w0) & VECTOR);
    }
}
