package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.TableFormat;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;

/**
 * Stage 2 of VMSAv8-64. {@code flags} are those of {@link Vmsav8}, {@code tag} is the VMID. Up to 16 start tables lie
 * behind each other, so the index into them is simply wider. The attributes of a leaf are MemAttr[3:0], its shareability
 * from bit 8 on, and {@link #ATTRIBUTE_FWB}.
 */
public final class Vmsav8Stage2 implements TableFormat {
    /** The one instance. */
    public static final Vmsav8Stage2 INSTANCE = new Vmsav8Stage2();

    /** Attribute bit: MemAttr is in the encoding that forces write-back. */
    public static final long ATTRIBUTE_FWB = 1L << 16;

    private Vmsav8Stage2() {}

    @Override
    public String name() {
        return "VMSAv8-64 stage 2";
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

    /** True if a leaf's attributes are Device memory, where a protected table walk may not read (STE.S2PTW). */
    public static boolean device(long attributes) {
        return (attributes & ATTRIBUTE_FWB) != 0 ? (attributes & 0x4) == 0 : (attributes & 0xc) == 0;
    }

    @Override
    public boolean holdsTables(StageParameters parameters, long attributes) {
        return (parameters.flags & Vmsav8.PTW) == 0 || !device(attributes);
    }

    @Override
    public WalkAction start(WalkState state) {
        return state.input >>> state.parameters.inputBits == 0
                ? Vmsav8.readEntry(state)
                : state.fail(WalkFault.INPUT_RANGE);
    }

    @Override
    public WalkAction resume(WalkState state, int level, long table, int tablePermissions) {
        if (state.input >>> state.parameters.inputBits != 0) {
            return state.fail(WalkFault.INPUT_RANGE);
        }
        state.level = level;
        state.table = table;
        state.tablePermissions = tablePermissions;
        return Vmsav8.readEntry(state);
    }

    @Override
    public WalkAction descriptor(WalkState state, long raw) {
        long descriptor = Vmsav8.order(raw, state.parameters.flags);
        state.descriptor = descriptor;
        if (Vmsav8.invalid(state, descriptor)) {
            return state.fail(WalkFault.TRANSLATION);
        }
        return state.level == 3 || (descriptor & Vmsav8.TABLE) == 0
                ? leaf(state, descriptor)
                : Vmsav8.descend(state, descriptor);
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
        boolean clean =
                (descriptor & Vmsav8.S2AP_WRITE) == 0 && (descriptor & Vmsav8.DBM) != 0 && (p.flags & Vmsav8.HD) != 0;
        boolean dirties = clean && (state.access & Access.WRITE) != 0;
        long effective = dirties ? descriptor | Vmsav8.S2AP_WRITE : descriptor;
        int permissions = permissions(effective, p.flags);
        if (!Access.allowed(permissions, state.access)) {
            return state.fail(WalkFault.PERMISSION);
        }
        if (setsFlag || dirties) {
            return Vmsav8.update(state, descriptor, effective | (setsFlag ? Vmsav8.AF : 0));
        }
        Vmsav8.output(state, descriptor, base, shift);
        state.permissions = permissions;
        state.global = false;
        state.attributes = descriptor >>> 2 & 0xf
                | Vmsav8.shareability(descriptor, p.flags)
                | ((p.flags & Vmsav8.FWB) != 0 ? ATTRIBUTE_FWB : 0);
        return WalkAction.LEAF;
    }

    private static int permissions(long descriptor, int flags) {
        int data = ((descriptor & Vmsav8.S2AP_READ) != 0 ? Access.READ : 0)
                | ((descriptor & Vmsav8.S2AP_WRITE) != 0 ? Access.WRITE : 0);
        boolean xn1 = (descriptor & Vmsav8.UXN) != 0;
        // XN[1:0] = 0: all, 1: unprivileged only, 2: nobody, 3: privileged only; without XNX XN[0] does not exist.
        boolean xn0 = (descriptor & Vmsav8.PXN) != 0 && (flags & Vmsav8.XNX) != 0;
        int unprivileged = data | (xn1 ? 0 : Access.EXECUTE);
        int privileged = data | (xn1 == xn0 ? Access.EXECUTE : 0);
        return unprivileged | privileged << Access.PRIVILEGED_SHIFT;
    }
}
