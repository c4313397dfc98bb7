package org.iommusim.vtd;

import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Reg;

/**
 * Invalidation by register: CCMD for the context cache, IVA and IOTLB for the IOTLB.
 *
 * <p>Rules (register descriptions): the highest bit of CCMD and IOTLB starts the command and is 0 again when it is done;
 * meanwhile the registers do not change. What was done is said in CAIG or IAIG. Units have either this or the queue: while
 * QIES is 1, a command ends at once and says that nothing was done (the specification forbids it and says no more).
 */
final class InvalidateRegisters {
    /** In place of a register: none. */
    static final int NOTHING = -1;

    private static final int CAIG = 3 << Reg.CCMD_CAIG_SHIFT - 32;
    private static final int IAIG = 3 << Reg.IOTLB_IAIG_SHIFT - 32;

    /** First major version in which commands by register are errors. */
    private static final int VERSION_WITHOUT = 6;

    private final RegisterFile registers;
    private final RegisterFile.Listener listener;
    private final int iva;
    private final int iotlb;

    InvalidateRegisters(RegisterFile registers, Cap cap, RegisterFile.Listener listener) {
        this.registers = registers;
        this.listener = listener;
        iva = cap.iotlbOffset() + Reg.IVA;
        iotlb = cap.iotlbOffset() + Reg.IOTLB;
    }

    /** True if a word is part of these registers. */
    boolean owns(int offset) {
        return offset == Reg.CCMD || offset == Reg.CCMD + 4 || writeOnly(offset) || offset == iotlb + 4;
    }

    /** True for IVA, which reads as 0. */
    boolean writeOnly(int offset) {
        return offset == iva || offset == iva + 4;
    }

    /** A word is written; returns the register whose command is to take effect later, or {@link #NOTHING}. */
    int written(int offset, int value) {
        if (offset == Reg.CCMD + 4) {
            return command(Reg.CCMD, value, CAIG);
        }
        if (offset == iotlb + 4) {
            return command(iotlb, value, IAIG);
        }
        if (!busy(offset == Reg.CCMD ? Reg.CCMD : iotlb)) {
            registers.put(offset, value);
        }
        return NOTHING;
    }

    private boolean busy(int register) {
        return registers.get(register + 4) < 0;
    }

    /** The granularity that was done is read-only. */
    private int command(int register, int value, int done) {
        if (busy(register)) {
            return NOTHING;
        }
        registers.put(register + 4, value & ~done | registers.get(register + 4) & done);
        return value < 0 ? register : NOTHING;
    }

    /** These registers are for legacy mode without a queue, and newer units do not have them any more. */
    private boolean usable() {
        boolean legacy = registers.tableMode() == Reg.TTM_LEGACY;
        return legacy && !registers.queueEnabled() && registers.get(Reg.VER) >>> 4 < VERSION_WITHOUT;
    }

    /** A command takes effect. */
    void takeEffect(int register) {
        if (!usable()) {
            ended(register, 0);
        } else if (register == Reg.CCMD) {
            listener.invalidateContexts(registers.get64(Reg.CCMD));
        } else {
            listener.invalidateIotlb(registers.get64(iotlb), registers.get64(iva));
        }
    }

    /** The invalidation that CCMD asked for is done, with this granularity. */
    void contextInvalidated(int granularity) {
        ended(Reg.CCMD, granularity);
    }

    /** The invalidation that IOTLB asked for is done, with this granularity. */
    void iotlbInvalidated(int granularity) {
        ended(iotlb, granularity);
    }

    private void ended(int register, int granularity) {
        int done = register == Reg.CCMD ? CAIG : IAIG;
        int upper = registers.get(register + 4) & Integer.MAX_VALUE & ~done;
        registers.show(register + 4, upper | granularity * (done / 3));
    }
}
