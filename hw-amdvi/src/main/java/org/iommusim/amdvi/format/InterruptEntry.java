package org.iommusim.amdvi.format;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Irte;

/**
 * What an interrupt remapping table entry makes of a message: whether it is legal, and the message that leaves. An entry of 32
 * bits stands in the lower half of its first word, and is told apart by {@code ga} = false.
 *
 * <p>Choices where sources are silent: IntType says fixed or arbitrated, everything else is reserved, and so is GuestMode
 * (where it is not, {@link GuestEntry} reads the entry); the level of the message that leaves is always "assert", and RqEoi makes it
 * level-triggered; without XTEn only the lowest 8 bits of a destination are looked at.
 */
public final class InterruptEntry {
    private static final int LEVEL_ASSERT = 1 << 14;
    private static final int LEVEL_TRIGGERED = 1 << 15;

    private InterruptEntry() {}

    /** True if it remaps. */
    public static boolean remaps(long[] entry) {
        return Irte.REMAP_EN.isSet(entry[0]) && !reserved(entry);
    }

    private static boolean reserved(long[] entry) {
        return Irte.GUEST_MODE.isSet(entry[0]) || Irte.INT_TYPE.getInt(entry[0]) > Irte.TYPE_ARBITRATED;
    }

    /** Of one that does not remap: flags of the event that says why, in place. */
    public static long flags(long[] entry) {
        return Irte.REMAP_EN.isSet(entry[0]) ? Event.PR | Event.RZ : 0;
    }

    /** True if faults that the entry is responsible for make no event. */
    public static boolean suppresses(long[] entry) {
        return Irte.SUP_IO_PF.isSet(entry[0]);
    }

    /**
     * Where the message goes that leaves.
     *
     * @param ga the entry has 128 bits
     * @param xt destinations have 32 bits, 31:8 of which are in the upper half of the address
     */
    public static long address(long[] entry, boolean ga, boolean xt) {
        int destination = ga ? Irte.destination(entry[0], entry[1]) : Irte.BASIC_DESTINATION.intIn(entry);
        return Irte.messageAddress(destination, ga && xt) | Irte.DM.in(entry) << 2;
    }

    /** Data of the message that leaves. */
    public static int data(long[] entry, boolean ga) {
        int vector = ga ? Irte.VECTOR.intIn(entry) : Irte.BASIC_VECTOR.intIn(entry);
        int trigger = Irte.RQ_EOI.isSet(entry[0]) ? LEVEL_TRIGGERED : 0;
        return fixed(vector) | Irte.INT_TYPE.intIn(entry) << 8 | trigger;
    }

    /** Data of a message that is a fixed interrupt. */
    static int fixed(int vector) {
        return vector | LEVEL_ASSERT;
    }
}
