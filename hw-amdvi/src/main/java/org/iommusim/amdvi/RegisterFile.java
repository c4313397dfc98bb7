package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.AmdViVariables;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.GaRecord;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.spec.BitField;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.Variable;

/**
 * The registers: 64-bit words in cells, of which either half can be reached alone. A write takes effect at once, so that
 * software which switches a ring off and then moves its pointers is not met by a ring that still runs.
 *
 * <p>Ignored are: writes to registers of features that are absent, and reserved bits ({@link RegisterMasks}); writes to the
 * base of what is in use (device table while IommuEn is 1, a ring while its enable is); accesses that are not 4 or 8 aligned
 * bytes. A pointer beyond its ring is cut to it. A reserved InvTimeout, GAMEn or NumIntRemapMode, and more segments than
 * there are, are not taken over.
 */
final class RegisterFile implements UnitState {
    /** The variable of all registers; the index is the offset divided by 8. */
    static final Variable REGISTER = AmdViVariables.REGISTER;

    /** Offset of the word whose upper half is the lower half of the message address. */
    static final int MSI_ADDRESS_WORD = Reg.MSI_ADDR_LO & ~7;

    /** Offset of the word with the upper half of the message address, and the message data. */
    static final int MSI_DATA_WORD = Reg.MSI_ADDR_HI;

    /** Told of writes that set something in motion. */
    interface Listener {
        /** The control register has changed. */
        void controlChanged(long before);

        /** The head or tail of the command buffer is written. */
        void commandsChanged();

        /** Software writes 1 to bits of the status register. */
        void statusWritten(long bits);
    }

    private static final int INV_TIMEOUT_MOST = 6;

    private final Efr efr;
    private final RegisterMasks masks;
    private final LongArrayCell words;
    private final EventCounters counters;
    private final WaitQueue changed;
    private final Listener listener;

    RegisterFile(Simulation sim, Efr efr, EventCounters counters, WaitQueue changed, Listener listener) {
        this.efr = efr;
        this.counters = counters;
        this.changed = changed;
        this.listener = listener;
        masks = new RegisterMasks(efr);
        words = new LongArrayCell(sim.world(), REGISTER, sim.world().nextInstance(), (int) Reg.BYTES / 8);
        put(Reg.EFR, efr.efr());
        put(Reg.EFR2, efr.efr2());
    }

    /** What the unit can do. */
    Efr efr() {
        return efr;
    }

    /** Size of the register block in bytes. */
    long bytes() {
        return efr.pc() ? Reg.BYTES_WITH_COUNTERS : Reg.BYTES;
    }

    // ---- access by software

    long read(long offset, int bytes) {
        if (!legal(offset, bytes)) {
            return 0;
        }
        int register = (int) offset & ~7;
        long word = register < Reg.BYTES ? get(register) : counters.read(register);
        return bytes == 8 ? word : word >>> shift(offset) & 0xffff_ffffL;
    }

    void write(long offset, int bytes, long value) {
        if (!legal(offset, bytes)) {
            return;
        }
        long written = bytes == 8 ? -1L : 0xffff_ffffL << shift(offset);
        int register = (int) offset & ~7;
        if (register < Reg.BYTES) {
            writeWord(register, value << shift(offset), written);
        } else {
            counters.write(register, value << shift(offset), written);
        }
    }

    private boolean legal(long offset, int bytes) {
        return (bytes == 4 || bytes == 8) && offset >= 0 && offset + bytes <= bytes() && offset % bytes == 0;
    }

    private static int shift(long offset) {
        return 8 * (int) (offset & 7);
    }

    private void writeWord(int register, long value, long written) {
        switch (register) {
            case Reg.STATUS -> listener.statusWritten(value & written);
            case Reg.CONTROL -> writeControl(merged(register, value, written));
            case Reg.CMD_HEAD, Reg.CMD_TAIL -> {
                writePointer(register, Reg.CMD_BUF_BASE, Cmd.BYTES, value, written);
                listener.commandsChanged();
            }
            case Reg.EVT_HEAD, Reg.EVT_TAIL -> writePointer(register, Reg.EVT_LOG_BASE, Event.BYTES, value, written);
            case Reg.PPR_HEAD, Reg.PPR_TAIL -> writePointer(register, Reg.PPR_LOG_BASE, Ppr.BYTES, value, written);
            case Reg.GA_HEAD, Reg.GA_TAIL -> writePointer(register, Reg.GA_LOG_BASE, GaRecord.BYTES, value, written);
            default -> {
                if (!locked(register)) {
                    put(register, merged(register, value, written));
                }
            }
        }
    }

    /** What a register is after a write: bits that cannot be set, or are not written, stay. */
    private long merged(int register, long value, long written) {
        long taken = written & masks.settable(register);
        return get(register) & ~taken | value & taken;
    }

    private void writePointer(int register, int base, int entryBytes, long value, long written) {
        show(register, merged(register, value, written) & Ring.offsets(get(base), entryBytes));
    }

    private void writeControl(long wanted) {
        long before = control();
        long now = upTo(INV_TIMEOUT_MOST, Control.INV_TIMEOUT, wanted, before);
        now = upTo(Efr.DEV_TBL_SEG_SUP.getInt(efr.efr()), Control.DEV_TBL_SEG_EN, now, before);
        now = upTo(Control.GAM_VAPIC, Control.GAM_EN, now, before);
        now = upTo(Control.INTERRUPTS_2K, Control.NUM_INT_REMAP_MODE, now, before);
        show(Reg.CONTROL, now);
        listener.controlChanged(before);
    }

    /** A control register in which a field has its value of before instead of a reserved one. */
    private static long upTo(int most, BitField field, long wanted, long before) {
        return field.getInt(wanted) > most ? field.with(wanted, field.get(before)) : wanted;
    }

    private boolean locked(int register) {
        long control = control();
        return switch (register) {
            case Reg.CMD_BUF_BASE -> Control.CMD_BUF_EN.isSet(control);
            case Reg.EVT_LOG_BASE -> Control.EVENT_LOG_EN.isSet(control);
            case Reg.PPR_LOG_BASE -> Control.PPR_LOG_EN.isSet(control);
            case Reg.GA_LOG_BASE, Reg.GA_LOG_TAIL_ADDRESS -> Control.GA_LOG_EN.isSet(control);
            case Reg.EXCL_BASE, Reg.EXCL_LIMIT, Reg.PPR_AUTO_RSP -> false;
            default -> isDeviceTable(register) && Control.IOMMU_EN.isSet(control);
        };
    }

    private static boolean isDeviceTable(int register) {
        return register == Reg.DEV_TAB_BASE || register >= Reg.DEV_TAB_SEG1_BASE && register <= Reg.deviceTableBase(7);
    }

    // ---- what the rest of the device asks

    long get(int register) {
        return words.get(register >>> 3);
    }

    private void put(int register, long value) {
        words.set(register >>> 3, value);
    }

    /** A register changes that software may be polling. */
    void show(int register, long value) {
        put(register, value);
        changed.wakeAll();
    }

    @Override
    public long control() {
        return get(Reg.CONTROL);
    }

    @Override
    public long deviceTable(int segment) {
        return get(Reg.deviceTableBase(segment));
    }

    @Override
    public long exclusionBase() {
        return get(Reg.EXCL_BASE);
    }

    @Override
    public long exclusionLimit() {
        return get(Reg.EXCL_LIMIT);
    }
}
