package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.TableFormat;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;

/**
 * Stage 1 of VMSAv8-64. {@code StageParameters.extra} is MAIR, {@code flags} are those of {@link Vmsav8}, {@code tag} is
 * the ASID. The attributes of a leaf are its MAIR byte, and its shareability from bit 8 on.
 */
public final class Vmsav8Stage1 implements TableFormat {
    /** The one instance. */
    public static final Vmsav8Stage1 INSTANCE = new Vmsav8Stage1();

    private static final int ALL = Access.READ | Access.WRITE | Access.EXECUTE;

    private Vmsav8Stage1() {}

    @Override
    public String name() {
        return "VMSAv8-64 stage 1";
    }

    @Override
    public int nextLevel(int level) {
        return level + 1;
    }

    @Override
    public int levelShift(StageParameters parameters, int level) {
        return Vmsav8.levelShift(parameters.granuleShift, level);
    }

    @Override
    public int lastLevel() {
        return 3;
    }

    @Override
    public WalkAction start(WalkState state) {
        return inputLegal(state) ? Vmsav8.readEntry(state) : state.fail(WalkFault.INPUT_RANGE);
    }

    @Override
    public WalkAction resume(WalkState state, int level, long table, int tablePermissions) {
        if (!inputLegal(state)) {
            return state.fail(WalkFault.INPUT_RANGE);
        }
        state.level = level;
        state.table = table;
        state.tablePermissions = tablePermissions;
        return Vmsav8.readEntry(state);
    }

    /** The bits above the input width must all equal the half's; the top byte only counts without TBI. */
    private static boolean inputLegal(WalkState state) {
        StageParameters p = state.parameters;
        if ((p.flags & Vmsav8.EPD) != 0) {
            return false;
        }
        long input = (p.flags & Vmsav8.TBI) == 0 ? state.input : state.input << 8 >> 8;
        return input >> p.inputBits == ((p.flags & Vmsav8.HIGH) == 0 ? 0 : -1);
    }

    @Override
    public WalkAction descriptor(WalkState state, long raw) {
        StageParameters p = state.parameters;
        long descriptor = Vmsav8.order(raw, p.flags);
        state.descriptor = descriptor;
        if (Vmsav8.invalid(state, descriptor)) {
            return state.fail(WalkFault.TRANSLATION);
        }
        if (state.level == 3 || (descriptor & Vmsav8.TABLE) == 0) {
            return leaf(state, descriptor);
        }
        if ((p.flags & Vmsav8.HAD) == 0) {
            state.tablePermissions &= belowTable(descriptor, p.flags);
        }
        return Vmsav8.descend(state, descriptor);
    }

    /** What a table descriptor leaves of the permissions below it. */
    private static int belowTable(long descriptor, int flags) {
        boolean el2 = (flags & Vmsav8.EL2) != 0;
        int left = Access.both(ALL);
        if ((descriptor & Vmsav8.AP_TABLE_READ_ONLY) != 0) {
            left &= ~Access.both(Access.WRITE);
        }
        if ((descriptor & Vmsav8.AP_TABLE_PRIVILEGED) != 0 && !el2) {
            left &= ~(Access.READ | Access.WRITE);
        }
        if ((descriptor & Vmsav8.XN_TABLE) != 0) {
            left &= ~(el2 ? Access.both(Access.EXECUTE) : Access.EXECUTE);
        }
        if ((descriptor & Vmsav8.PXN_TABLE) != 0 && !el2) {
            left &= ~(Access.EXECUTE << Access.PRIVILEGED_SHIFT);
        }
        return left;
    }

    private static WalkAction leaf(WalkState state, long descriptor) {
        StageParameters p = state.parameters;
        int shift = Vmsav8.levelShift(p.granuleShift, state.level);
        long base = Vmsav8.address(descriptor, shift, p.flags);
        if (base >>> p.outputBits != 0) {
            return state.fail(WalkFault.ADDRESS_SIZE);
        }
        boolean setsFlag = false;
        if ((descriptor & Vmsav8.AF) == 0) {
            setsFlag = (p.flags & Vmsav8.HA) != 0;
            if (!setsFlag && (p.flags & Vmsav8.AFFD) == 0) {
                return state.fail(WalkFault.ACCESS_FLAG);
            }
        }
        // Writable but clean: counts as writable for every access, so that what may be executed does not change when it
        // becomes dirty. Only a write changes the entry.
        boolean clean =
                (descriptor & Vmsav8.AP_READ_ONLY) != 0 && (descriptor & Vmsav8.DBM) != 0 && (p.flags & Vmsav8.HD) != 0;
        boolean dirties = clean && (state.access & Access.WRITE) != 0;
        int permissions =
                permissions(clean ? descriptor & ~Vmsav8.AP_READ_ONLY : descriptor, state.tablePermissions, p.flags);
        if (!Access.allowed(permissions, state.access)) {
            return state.fail(WalkFault.PERMISSION);
        }
        if (setsFlag || dirties) {
            long written = dirties ? descriptor & ~Vmsav8.AP_READ_ONLY : descriptor;
            return Vmsav8.update(state, descriptor, written | (setsFlag ? Vmsav8.AF : 0));
        }
        Vmsav8.output(state, descriptor, base, shift);
        // A write through a cached copy has to come here first.
        state.permissions = clean ? permissions & ~Access.both(Access.WRITE) : permissions;
        state.global = (descriptor & Vmsav8.NG) == 0 || (p.flags & Vmsav8.EL2) != 0;
        state.attributes = p.extra >>> 8 * (descriptor >>> 2 & 7) & 0xff | Vmsav8.shareability(descriptor, p.flags);
        return WalkAction.LEAF;
    }

    /** A leaf's permission word after the tables above it and the regime's rules. */
    private static int permissions(long descriptor, int tables, int flags) {
        int data = (descriptor & Vmsav8.AP_READ_ONLY) == 0 ? Access.READ | Access.WRITE : Access.READ;
        int execute = (descriptor & Vmsav8.UXN) == 0 ? Access.EXECUTE : 0;
        if ((flags & Vmsav8.EL2) != 0) {
            int word = Access.both(data | execute) & tables;
            return (flags & Vmsav8.WXN) != 0 && (word & Access.WRITE) != 0 ? word & ~Access.both(Access.EXECUTE) : word;
        }
        int privilegedExecute = (descriptor & Vmsav8.PXN) == 0 ? Access.EXECUTE : 0;
        int unprivileged = ((descriptor & Vmsav8.AP_UNPRIVILEGED) == 0 ? 0 : data) | execute;
        unprivileged &= tables;
        int privileged = (data | privilegedExecute) & tables >>> Access.PRIVILEGED_SHIFT;
        // What unprivileged accesses may write is never executable by privileged ones.
        if ((unprivileged & Access.WRITE) != 0) {
            privileged &= ~Access.EXECUTE;
        }
        if ((flags & Vmsav8.WXN) != 0) {
            unprivileged &= (unprivileged & Access.WRITE) != 0 ? ~Access.EXECUTE : -1;
            privileged &= (privileged & Access.WRITE) != 0 ? ~Access.EXECUTE : -1;
        }
        if ((flags & Vmsav8.PAN) != 0 && (unprivileged & (Access.READ | Access.WRITE)) != 0) {
            privileged &= ~(Access.READ | Access.WRITE);
        }
        return unprivileged | privileged << Access.PRIVILEGED_SHIFT;
    }
}
