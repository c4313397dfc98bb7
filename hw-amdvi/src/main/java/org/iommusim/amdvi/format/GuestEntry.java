package org.iommusim.amdvi.format;

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

    private GuestEntry() {}

    /** True if the entry is in guest mode. */
    public static boolean isGuest(long[] entry) {
        return GuestIrte.GUEST_MODE.isSet(entry[0]);
    }

    /** True if one in guest mode sets an interrupt pending. What is wrong with others {@link InterruptEntry#flags} says. */
    public static boolean posts(long[] entry) {
        return GuestIrte.REMAP_EN.isSet(entry[0])
                && (entry[0] & GuestIrte.RESERVED0) == 0
                && (entry[1] & GuestIrte.RESERVED1) == 0;
    }

    /**
     * The processor that is told, or -1 if the guest does not run.
     *
     * @param xt destinations have 32 bits
     */
    public static long doorbell(long w0, long w1, boolean xt) {
        if (!GuestIrte.IS_RUN.isSet(w0)) {
            return -1;
        }
        int destination = Irte.destination(w0, w1);
        return xt ? Integer.toUnsignedLong(destination) : destination & XAPIC;
    }

    /** True if the guest virtual APIC log is to tell of the interrupt. */
    public static boolean logs(long w0) {
        return GuestIrte.GA_LOG_INTR.isSet(w0) && !GuestIrte.IS_RUN.isSet(w0);
    }
}
