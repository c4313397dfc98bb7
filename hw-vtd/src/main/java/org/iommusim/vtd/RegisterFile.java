package org.iommusim.vtd;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.VtdVariables;

/**
 * The registers: 32-bit words in cells. A 64-bit register may be written in halves; the half with the bit that sets
 * something in motion does so.
 *
 * <p>Ignored are: writes to registers of features that are absent, or that are in use (IQA while QIES is 1, IRTA while IRES
 * is 1, the protected ranges while PRS is 1); reserved bits; accesses that are not 4 or 8 aligned bytes. RTADDR and IRTA
 * count when a command takes them over ({@link GlobalCommands}). Commands take effect some cycles after the write.
 */
final class RegisterFile implements EventHandler {
    /** The variable of all registers; the index is the offset divided by 4. */
    static final Variable REGISTER = VtdVariables.REGISTER;

    /** Told of writes that set something in motion. */
    interface Listener {
        /** The root table has been taken over (SRTP); {@link RegisterFile#settled} when it is done. */
        void rootTableSet();

        /**
         * TE or IRE has changed; {@link RegisterFile#settled} when what is under way is through.
         *
         * @param off those that were on
         */
        void enablesChanged(int off);

        /** The interrupt remapping table has been taken over (SIRTP); {@link RegisterFile#settled} when it is done. */
        void interruptTableSet();

        /** Something changed that may let the invalidation queue go on: its tail, QIES, or an error is cleared. */
        void queueChanged(boolean tailWritten);

        /** True while a descriptor is being fetched or carried out. */
        boolean queueWorking();

        /** QIES has become 0. */
        void queueDisabled();

        /** CCMD asks for an invalidation; {@link InvalidateRegisters#contextInvalidated} when it is done. */
        void invalidateContexts(long ccmd);

        /** IOTLB asks for an invalidation; {@link InvalidateRegisters#iotlbInvalidated} when it is done. */
        void invalidateIotlb(long iotlb, long iva);
    }

    private static final int OP_COMMAND = 0;
    private static final int OP_INVALIDATE = 1;
    private static final int OP_PROTECT = 2;

    private static final int FSTS_CLEARABLE = Reg.FSTS_PFO | Reg.FSTS_IQE | Reg.FSTS_ICE | Reg.FSTS_ITE | Reg.FSTS_PRO;

    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final int cycles;
    private final Lane lane;
    private final IntArrayCell words;
    private final WaitQueue changed;
    private final Listener listener;
    private final Cap cap;
    private final GlobalCommands commands;
    private final ProtectedMemory protectedMemory;
    private final InvalidateRegisters byRegister;
    private final int records;
    private Interrupts interrupts;
    private FaultRecorder faults;

    @SuppressWarnings("NullAway") // connected before the first access
    RegisterFile(
            Simulation sim, String name, VtdParameters p, Cap cap, int version, WaitQueue changed, Listener listener) {
        scheduler = sim.scheduler();
        clock = p.clock();
        cycles = p.value("register_cycles");
        this.cap = cap;
        this.changed = changed;
        this.listener = listener;
        lane = scheduler.newLane(name + " registers", Phase.HARDWARE);
        records = cap.faultRecordOffset();
        words = new IntArrayCell(sim.world(), REGISTER, sim.world().nextInstance(), (int) bytes() / 4);
        commands = new GlobalCommands(sim, this, cap, listener);
        byRegister = new InvalidateRegisters(this, cap, listener);
        protectedMemory = new ProtectedMemory(this, cap);
        put(Reg.VER, version);
        put64(Reg.CAP, cap.cap());
        put64(Reg.ECAP, cap.ecap());
        put(Reg.FECTL, Reg.EVENT_IM);
        put(Reg.IECTL, cap.qi() ? Reg.EVENT_IM : 0);
        put(Reg.PECTL, cap.prs() ? Reg.EVENT_IM : 0);
    }

    void connect(Interrupts newInterrupts) {
        interrupts = newInterrupts;
    }

    void connect(FaultRecorder recorder) {
        faults = recorder;
    }

    Lane lane() {
        return lane;
    }

    Cap cap() {
        return cap;
    }

    /** Size of the register block: whole pages of 4 KiB. */
    long bytes() {
        int end = Math.max(records + cap.faultRecords() * Frcd.BYTES, cap.iotlbOffset() + Reg.IOTLB + 8);
        return Math.max(Reg.BYTES, end + 0xfffL & ~0xfffL);
    }

    // ---- access by software

    long read(long offset, int bytes) {
        if (!legal(offset, bytes)) {
            return 0;
        }
        long low = readWord((int) offset) & 0xffff_ffffL;
        return bytes == 4 ? low : low | (long) readWord((int) offset + 4) << 32;
    }

    void write(long offset, int bytes, long value) {
        if (!legal(offset, bytes)) {
            return;
        }
        writeWord((int) offset, (int) value);
        if (bytes == 8) {
            writeWord((int) offset + 4, (int) (value >>> 32));
        }
    }

    private boolean legal(long offset, int bytes) {
        return (bytes == 4 || bytes == 8) && offset >= 0 && offset + bytes <= bytes() && offset % bytes == 0;
    }

    private int readWord(int offset) {
        return byRegister.writeOnly(offset) ? 0 : get(offset);
    }

    int get(int offset) {
        return words.get(offset >>> 2);
    }

    long get64(int offset) {
        return get(offset) & 0xffff_ffffL | (long) get(offset + 4) << 32;
    }

    void put(int offset, int value) {
        words.set(offset >>> 2, value);
    }

    void put64(int offset, long value) {
        put(offset, (int) value);
        put(offset + 4, (int) (value >>> 32));
    }

    /** The device itself changes a register; pollers are woken. */
    void show(int offset, int value) {
        put(offset, value);
        changed.wakeAll();
    }

    private void writeWord(int offset, int value) {
        switch (offset) {
            case Reg.GCMD -> {
                commands.written(value);
                later(OP_COMMAND, value);
            }
            case Reg.RTADDR -> put(offset, value & (int) (Reg.RTADDR_RTA | 3 << Reg.RTADDR_TTM_SHIFT));
            case Reg.FSTS -> clearFaultStatus(value & FSTS_CLEARABLE);
            case Reg.FECTL, Reg.FECTL + Reg.EVENT_DATA, Reg.FECTL + Reg.EVENT_ADDR, Reg.FECTL + Reg.EVENT_UADDR ->
                writeEvent(interrupts.fault(), offset, value);
            case Reg.PMEN, Reg.PLMBASE, Reg.PLMLIMIT, Reg.PHMBASE, Reg.PHMBASE + 4, Reg.PHMLIMIT, Reg.PHMLIMIT + 4 -> {
                if (protectedMemory.written(offset, value)) {
                    later(OP_PROTECT, value);
                }
            }
            default -> writeTables(offset, value);
        }
    }

    private void writeTables(int offset, int value) {
        switch (offset) {
            case Reg.RTADDR + 4 -> put(offset, value);
            case Reg.IRTA -> {
                int fields = Reg.IRTA_S | (cap.eim() ? Reg.IRTA_EIME : 0);
                putIf(interruptTableOpen(), offset, value & ((int) Reg.IRTA_BASE | fields));
            }
            case Reg.IRTA + 4 -> putIf(interruptTableOpen(), offset, value);
            default -> {
                if (cap.qi() && offset >= Reg.IQH && offset < Reg.IQERCD) {
                    writeQueue(offset, value);
                } else if (cap.prs() && offset >= Reg.PQH && offset <= Reg.PECTL + Reg.EVENT_UADDR) {
                    writePageQueue(offset, value);
                } else {
                    writeOthers(offset, value);
                }
            }
        }
    }

    private void writeQueue(int offset, int value) {
        switch (offset) {
            case Reg.IQT -> {
                put(offset, value & Reg.IQ_INDEX);
                listener.queueChanged(true);
            }
            case Reg.IQA -> {
                int fields = Reg.IQA_QS | (cap.smts() ? Reg.IQA_DW : 0);
                putIf(!queueEnabled(), offset, value & ((int) Reg.IQA_BASE | fields));
            }
            case Reg.IQA + 4 -> putIf(!queueEnabled(), offset, value);
            case Reg.ICS -> {
                show(offset, get(offset) & ~(value & Reg.ICS_IWC));
                if (get(offset) == 0) {
                    interrupts.completion().serviced();
                }
            }
            case Reg.IECTL, Reg.IECTL + Reg.EVENT_DATA, Reg.IECTL + Reg.EVENT_ADDR, Reg.IECTL + Reg.EVENT_UADDR ->
                writeEvent(interrupts.completion(), offset, value);
            default -> {
                // Read-only or reserved.
            }
        }
    }

    private void writePageQueue(int offset, int value) {
        switch (offset) {
            case Reg.PQH, Reg.PQT -> show(offset, value & Reg.PQ_INDEX);
            case Reg.PQA -> put(offset, value & ((int) Reg.PQA_BASE | Reg.PQA_PQS));
            case Reg.PQA + 4 -> put(offset, value);
            case Reg.PRS -> {
                show(offset, get(offset) & ~(value & (Reg.PRS_PPR | Reg.PRS_PRO)));
                if ((get(offset) & Reg.PRS_PPR) == 0) {
                    interrupts.pageRequest().serviced();
                }
            }
            case Reg.PECTL, Reg.PECTL + Reg.EVENT_DATA, Reg.PECTL + Reg.EVENT_ADDR, Reg.PECTL + Reg.EVENT_UADDR ->
                writeEvent(interrupts.pageRequest(), offset, value);
            default -> {
                // Reserved.
            }
        }
    }

    /** Invalidation by register, and fault records. */
    private void writeOthers(int offset, int value) {
        if (byRegister.owns(offset)) {
            int register = byRegister.written(offset, value);
            if (register != InvalidateRegisters.NOTHING) {
                later(OP_INVALIDATE, register);
            }
        } else if (offset >= records && offset < records + cap.faultRecords() * Frcd.BYTES) {
            clearFault(offset, value);
        }
    }

    private void clearFault(int offset, int value) {
        boolean upper = (offset - records) % Frcd.BYTES == Frcd.BYTES - 4;
        // F is the highest bit.
        if (upper && value < 0 && get(offset) < 0) {
            put(offset, get(offset) & Integer.MAX_VALUE);
            faults.recordCleared();
        }
    }

    private void clearFaultStatus(int bits) {
        int was = get(Reg.FSTS) & bits;
        show(Reg.FSTS, get(Reg.FSTS) & ~bits);
        faults.statusCleared();
        if ((was & (Reg.FSTS_IQE | Reg.FSTS_ITE)) != 0) {
            listener.queueChanged(false);
        }
    }

    private void writeEvent(EventInterrupt event, int offset, int value) {
        if (offset == event.control()) {
            put(offset, get(offset) & Reg.EVENT_IP | value & Reg.EVENT_IM);
            event.send();
        } else if (offset == event.control() + Reg.EVENT_ADDR) {
            put(offset, value & ~3);
        } else if (offset == event.control() + Reg.EVENT_DATA || cap.eim()) {
            put(offset, value);
        }
    }

    private void putIf(boolean allowed, int offset, int value) {
        if (allowed) {
            put(offset, value);
        }
    }

    private void later(int op, int value) {
        scheduler.at(lane, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(cycles), this, op, value);
    }

    @Override
    public void onEvent(int op, long arg) {
        switch (op) {
            case OP_COMMAND -> commands.takeEffect((int) arg);
            case OP_PROTECT -> protectedMemory.takeEffect((int) arg);
            case OP_INVALIDATE -> byRegister.takeEffect((int) arg);
            default -> throw new IllegalArgumentException("register op " + op);
        }
        changed.wakeAll();
    }

    // ---- what the rest of the device asks

    private boolean status(int bit) {
        return (get(Reg.GSTS) & bit) != 0;
    }

    boolean translationEnabled() {
        return commands.enabled(Reg.TE);
    }

    boolean interruptRemapping() {
        return commands.enabled(Reg.IRE);
    }

    /** True if messages in the compatibility format pass. */
    boolean compatibilityFormat() {
        return status(Reg.CFI);
    }

    private boolean interruptTableOpen() {
        return cap.ir() && !interruptRemapping();
    }

    /** True if the invalidation queue is enabled, or is being disabled. */
    boolean queueEnabled() {
        return status(Reg.QIE);
    }

    /** True if no more descriptors are to be fetched: the queue is off, or going off, or stopped by an error. */
    boolean queueStopped() {
        boolean error = (get(Reg.FSTS) & (Reg.FSTS_IQE | Reg.FSTS_ITE)) != 0;
        return error || !queueEnabled() || commands.queueStopping();
    }

    /** What was under way when a table or an enable changed is through. */
    void settled() {
        commands.settled();
    }

    /** The queue does nothing any more. */
    void queueIdle() {
        commands.queueIdle();
    }

    /** The root table, as SRTP has taken it over. */
    long rootTable() {
        return commands.rootTable() & Reg.RTADDR_RTA;
    }

    /** The translation table mode, as SRTP has taken it over. */
    int tableMode() {
        return Reg.ttm(commands.rootTable());
    }

    /** The interrupt remapping table, as SIRTP has taken it over. */
    long interruptTable() {
        return commands.interruptTable() & Reg.IRTA_BASE;
    }

    int interruptEntries() {
        return Reg.irtEntries(commands.interruptTable());
    }

    /** True if interrupt entries have 32-bit destinations. */
    boolean extendedInterruptMode() {
        return (commands.interruptTable() & Reg.IRTA_EIME) != 0;
    }

    InvalidateRegisters byRegister() {
        return byRegister;
    }

    ProtectedMemory protectedMemory() {
        return protectedMemory;
    }
}
