package org.iommusim.vtd.format;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;
import org.iommusim.hw.x86.LongModeTable;
import org.iommusim.vtd.spec.SsPte;

/**
 * Second-stage tables of 3 to 5 levels; pages are level 1. {@code flags} are those below, {@code tag} is the domain id. The
 * attributes of a leaf are its memory type in bits 2:0, {@link #ATTRIBUTE_IPAT} and {@link #ATTRIBUTE_SNP}.
 *
 * <p>Every level is checked before the next one is read: first that it grants what is asked for, then its reserved bits. There
 * is no present bit: an entry that grants nothing refuses like any other. Accessed and dirty flags, if hardware keeps them,
 * are set as in first-stage tables: on each entry that passes, before the walk goes on; and a leaf that is not dirty is handed
 * on without write permission, unless it is being written.
 */
public final class SecondStage extends LongModeTable {
    /** The one instance. */
    public static final SecondStage INSTANCE = new SecondStage();

    /** Flag: leaves of 2 MiB exist. */
    public static final int PAGES_2M = 1;
    /** Flag: leaves of 1 GiB exist. */
    public static final int PAGES_1G = 1 << 1;
    /** Flag: a leaf may have SNP. */
    public static final int SNOOP_CONTROL = 1 << 2;
    /** Flag: a leaf may have TM. */
    public static final int DEVICE_TLBS = 1 << 3;
    /** Flag: hardware sets accessed and dirty flags. */
    public static final int ACCESSED_DIRTY = 1 << 4;
    /** Flag: execution needs the X bit; otherwise it needs what a read needs. */
    public static final int EXECUTE = 1 << 5;

    /** Attribute bit: the first stage's memory type is ignored. */
    public static final long ATTRIBUTE_IPAT = 1 << 3;
    /** Attribute bit: accesses are snooped. */
    public static final long ATTRIBUTE_SNP = 1 << 4;

    private static final int ALL = Access.READ | Access.WRITE | Access.EXECUTE;

    private SecondStage() {}

    @Override
    public String name() {
        return "VT-d second stage";
    }

    @Override
    protected boolean inRange(WalkState state) {
        return state.input >>> state.parameters.inputBits == 0;
    }

    @Override
    public WalkAction descriptor(WalkState state, long entry) {
        state.descriptor = entry;
        int flags = state.parameters.flags;
        int permissions = state.tablePermissions & granted(entry, flags);
        if (!Access.allowed(permissions, state.access)) {
            return state.refuse(state.access & ALL & ~permissions);
        }
        boolean leaf = isLeaf(state, entry);
        if ((entry & reserved(state, leaf)) != 0) {
            return state.fail(WalkFault.RESERVED_BIT);
        }
        if ((flags & ACCESSED_DIRTY) != 0) {
            boolean dirties = leaf && (state.access & Access.WRITE) != 0;
            long marked = entry | SsPte.A | (dirties ? SsPte.D : 0);
            if (marked != entry) {
                return update(state, entry, marked);
            }
        }
        return leaf ? leaf(state, entry, permissions) : descend(state, entry & SsPte.ADDRESS, permissions);
    }

    private static int granted(long entry, int flags) {
        boolean executes = (entry & ((flags & EXECUTE) != 0 ? SsPte.X : SsPte.R)) != 0;
        return Access.both(((entry & SsPte.R) != 0 ? Access.READ : 0)
                | ((entry & SsPte.W) != 0 ? Access.WRITE : 0)
                | (executes ? Access.EXECUTE : 0));
    }

    private static long reserved(WalkState state, boolean leaf) {
        StageParameters p = state.parameters;
        long always = SsPte.ADDRESS & -1L << p.outputBits;
        if (!leaf) {
            return always | SsPte.SNP | SsPte.TM | SsPte.PS;
        }
        always |= ((p.flags & SNOOP_CONTROL) != 0 ? 0 : SsPte.SNP) | ((p.flags & DEVICE_TLBS) != 0 ? 0 : SsPte.TM);
        if (state.level == 1) {
            return always;
        }
        boolean exists = (p.flags & (state.level == 2 ? PAGES_2M : PAGES_1G)) != 0;
        return always | (exists ? SsPte.ADDRESS & (1L << shift(state.level)) - 1 : SsPte.PS);
    }

    private static WalkAction leaf(WalkState state, long entry, int permissions) {
        boolean clean = (state.parameters.flags & ACCESSED_DIRTY) != 0 && (entry & SsPte.D) == 0;
        state.pageShift = shift(state.level);
        state.outputBase = entry & SsPte.ADDRESS;
        state.permissions = clean ? permissions & ~Access.both(Access.WRITE) : permissions;
        state.global = false;
        state.attributes = entry >>> SsPte.EMT_SHIFT & 7
                | ((entry & SsPte.IPAT) != 0 ? ATTRIBUTE_IPAT : 0)
                | ((entry & SsPte.SNP) != 0 ? ATTRIBUTE_SNP : 0);
        return WalkAction.LEAF;
    }
}
