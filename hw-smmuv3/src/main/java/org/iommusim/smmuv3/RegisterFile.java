package org.iommusim.smmuv3;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Pri;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.SmmuVariables;
import org.iommusim.smmuv3.spec.Ste;

/**
 * The registers: 32-bit words in cells. Both 64 KiB pages show the same words, so the queue indices can be reached at
 * either place (Arm IHI 0070 puts them on page 1).
 *
 * <p>A write that a register does not take now (a base while its user is enabled, except for the event queue's; CMDQ_CONS
 * while the queue runs) is ignored; so are reserved bits, and accesses that are not 4 or 8 aligned bytes. CR0, IRQ_CTRL and GBPA take effect some
 * cycles after the write, and say so in their acknowledgement.
 */
final class RegisterFile implements EventHandler {
    /** The variable of all registers; the index is the offset divided by 4. */
    static final Variable REGISTER = SmmuVariables.REGISTER;

    /** Told of writes that set something in motion. */
    interface Listener {
        /** CR0 took effect. */
        void enablesChanged();

        /** True while a command is being fetched or carried out. */
        boolean commandsWorking();

        /** The interrupts, as bits of IRQ_CTRL, whose MSI is on its way. */
        int interruptsUnderWay();

        /** CMDQ_PROD was written. */
        void commandsAdded();

        /** EVENTQ_CONS was written. */
        void eventsTaken();

        /** GERRORN was written; {@code settled} are the errors that are no longer active. */
        void errorsAcknowledged(int settled);

        /** A GERROR bit became active. */
        void errorRaised(int bit);
    }

    private static final int OP_CR0 = 0;
    private static final int OP_IRQ_CTRL = 1;
    private static final int OP_GBPA = 2;

    private static final int QUEUES = Reg.CR0_EVENTQEN | Reg.CR0_CMDQEN | Reg.CR0_PRIQEN;
    private static final int CR1_MASK = 0xfff;
    private static final int GBPA_MASK = 0x1fff1f;
    private static final long MSI_ADDRESS = 0x000f_ffff_ffff_fffcL;

    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final int cycles;
    private final Lane lane;
    private final IntArrayCell words;
    private final IntCell commandsStopping;
    private final WaitQueue changed;
    private final Listener listener;
    private final IdRegs ids;
    private final int cr0Mask;
    private final int cr2Mask;
    private final int irqMask;

    RegisterFile(
            Simulation sim,
            String name,
            Smmuv3Parameters p,
            Identification identification,
            WaitQueue changed,
            Listener listener) {
        scheduler = sim.scheduler();
        clock = p.clock();
        cycles = p.value("register_cycles");
        ids = identification.ids();
        // Bits of features that are absent are reserved.
        cr0Mask = Reg.CR0_SMMUEN
                | Reg.CR0_EVENTQEN
                | Reg.CR0_CMDQEN
                | (ids.ats() ? Reg.CR0_ATSCHK : 0)
                | (ids.pri() ? Reg.CR0_PRIQEN : 0);
        cr2Mask = Reg.CR2_RECINVSID
                | Reg.CR2_PTM
                | (ids.hyp() ? Reg.CR2_E2H : 0)
                | (ids.ats() && ids.atsRecErr() ? Reg.CR2_REC_CFG_ATS : 0);
        irqMask = Reg.IRQ_CTRL_GERROR | Reg.IRQ_CTRL_EVENTQ | (ids.pri() ? Reg.IRQ_CTRL_PRIQ : 0);
        this.changed = changed;
        this.listener = listener;
        lane = scheduler.newLane(name + " registers", Phase.HARDWARE);
        words = new IntArrayCell(sim.world(), REGISTER, sim.world().nextInstance(), 0x400);
        commandsStopping = new IntCell(sim.world(), REGISTER, sim.world().nextInstance(), 0);
        put(Reg.IDR0, ids.idr0());
        put(Reg.IDR1, ids.idr1());
        put(Reg.IDR2, ids.idr2());
        put(Reg.IDR3, ids.idr3());
        put(Reg.IDR4, ids.idr4());
        put(Reg.IDR5, ids.idr5());
        put(Reg.IIDR, ids.iidr());
        put(Reg.AIDR, ids.aidr());
        put(Reg.GBPA, identification.gbpa() & GBPA_MASK);
    }

    Lane lane() {
        return lane;
    }

    // ---- access by software

    long read(long offset, int bytes) {
        if (!legal(offset, bytes)) {
            return 0;
        }
        long low = words.get(word(offset)) & 0xffff_ffffL;
        return bytes == 4 ? low : low | (long) words.get(word(offset + 4)) << 32;
    }

    void write(long offset, int bytes, long value) {
        if (!legal(offset, bytes)) {
            return;
        }
        writeWord((int) offset & 0xffff, (int) value);
        if (bytes == 8) {
            writeWord((int) (offset + 4) & 0xffff, (int) (value >>> 32));
        }
    }

    private static boolean legal(long offset, int bytes) {
        return (bytes == 4 || bytes == 8)
                && offset >= 0
                && offset + bytes <= Reg.BYTES
                && offset % bytes == 0
                && (offset & 0xffff) < 0x1000;
    }

    private static int word(long offset) {
        return (int) (offset & 0xffff) >>> 2;
    }

    int get(int offset) {
        return words.get(word(offset));
    }

    private void put(int offset, int value) {
        words.set(word(offset), value);
    }

    long get64(int offset) {
        return get(offset) & 0xffff_ffffL | (long) get(offset + 4) << 32;
    }

    /** The device itself changes a register; pollers are woken. */
    void show(int offset, int value) {
        put(offset, value);
        changed.wakeAll();
    }

    /** True if a feature is enabled, or is being enabled or disabled. */
    private boolean busy(int enables) {
        return ((get(Reg.CR0) | get(Reg.CR0ACK)) & enables) != 0;
    }

    /** True if an MSI's configuration may be written: there are MSIs, and this interrupt is disabled. */
    private boolean msiOpen(int enable) {
        return ids.msi() && ((get(Reg.IRQ_CTRL) | get(Reg.IRQ_CTRLACK)) & enable) == 0;
    }

    private void writeWord(int offset, int value) {
        switch (offset) {
            case Reg.CR0 -> later(offset, value & cr0Mask, OP_CR0);
            case Reg.IRQ_CTRL -> later(offset, value & irqMask, OP_IRQ_CTRL);
            case Reg.CR1 -> putIf(!busy(QUEUES | Reg.CR0_SMMUEN), offset, value & CR1_MASK);
            case Reg.CR2 -> putIf(!busy(Reg.CR0_SMMUEN), offset, value & cr2Mask);
            case Reg.GBPA -> writeGbpa(value);
            case Reg.GERRORN -> writeGerrorn(value);
            case Reg.GERROR_IRQ_CFG0, Reg.GERROR_IRQ_CFG0 + 4, Reg.GERROR_IRQ_CFG1, Reg.GERROR_IRQ_CFG2 ->
                putIf(msiOpen(Reg.IRQ_CTRL_GERROR), offset, value);
            case Reg.EVENTQ_IRQ_CFG0, Reg.EVENTQ_IRQ_CFG0 + 4, Reg.EVENTQ_IRQ_CFG1, Reg.EVENTQ_IRQ_CFG2 ->
                putIf(msiOpen(Reg.IRQ_CTRL_EVENTQ), offset, value);
            case Reg.STRTAB_BASE, Reg.STRTAB_BASE + 4, Reg.STRTAB_BASE_CFG ->
                putIf(!busy(Reg.CR0_SMMUEN), offset, value);
            case Reg.CMDQ_BASE, Reg.CMDQ_BASE + 4 -> putIf(!busy(Reg.CR0_CMDQEN), offset, value);
            case Reg.CMDQ_CONS -> putIf(!busy(Reg.CR0_CMDQEN), offset, value & (Reg.Q_INDEX | Reg.CMDQ_CONS_ERR));
            case Reg.CMDQ_PROD -> {
                put(offset, value & Reg.Q_INDEX);
                listener.commandsAdded();
            }
            // While the queue is enabled SMMUv3.1 may take it, and recorded vectors do; SMMUv3.2 has to ignore it.
            case Reg.EVENTQ_BASE, Reg.EVENTQ_BASE + 4 ->
                putIf(ids.minorVersion() < 2 || !busy(Reg.CR0_EVENTQEN), offset, value);
            case Reg.EVENTQ_PROD & 0xffff ->
                putIf(!busy(Reg.CR0_EVENTQEN), offset, value & (Reg.Q_INDEX | Reg.Q_OVERFLOW));
            case Reg.EVENTQ_CONS & 0xffff -> {
                put(offset, value & (Reg.Q_INDEX | Reg.Q_OVERFLOW));
                listener.eventsTaken();
            }
            case Reg.PRIQ_IRQ_CFG0, Reg.PRIQ_IRQ_CFG0 + 4, Reg.PRIQ_IRQ_CFG1, Reg.PRIQ_IRQ_CFG2 ->
                putIf(ids.pri() && msiOpen(Reg.IRQ_CTRL_PRIQ), offset, value);
            case Reg.PRIQ_BASE, Reg.PRIQ_BASE + 4 -> putIf(ids.pri() && !busy(Reg.CR0_PRIQEN), offset, value);
            case Reg.PRIQ_PROD & 0xffff ->
                putIf(ids.pri() && !busy(Reg.CR0_PRIQEN), offset, value & (Reg.Q_INDEX | Reg.Q_OVERFLOW));
            case Reg.PRIQ_CONS & 0xffff -> putIf(ids.pri(), offset, value & (Reg.Q_INDEX | Reg.Q_OVERFLOW));
            default -> {
                // Read-only, reserved, or of something that this SMMU does not have.
            }
        }
    }

    private void putIf(boolean allowed, int offset, int value) {
        if (allowed) {
            put(offset, value);
        }
    }

    private void later(int offset, int value, int op) {
        put(offset, value);
        scheduler.at(lane, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(cycles), this, op, value);
    }

    /** A write without UPDATE, or before the last update is through, does not count. */
    private void writeGbpa(int value) {
        if ((value & Reg.GBPA_UPDATE) != 0 && (get(Reg.GBPA) & Reg.GBPA_UPDATE) == 0) {
            later(Reg.GBPA, value & GBPA_MASK | Reg.GBPA_UPDATE, OP_GBPA);
        }
    }

    private void writeGerrorn(int value) {
        int before = get(Reg.GERROR) ^ get(Reg.GERRORN);
        put(Reg.GERRORN, value);
        int settled = before & ~(get(Reg.GERROR) ^ value);
        if (settled != 0) {
            listener.errorsAcknowledged(settled);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        int value = (int) arg;
        switch (op) {
            case OP_CR0 -> {
                // CMDQEN=0 is acknowledged when the command under way is done.
                boolean stopping = (value & Reg.CR0_CMDQEN) == 0 && listener.commandsWorking();
                commandsStopping.set(stopping ? 1 : 0);
                put(Reg.CR0ACK, stopping ? value | Reg.CR0_CMDQEN : value);
                listener.enablesChanged();
            }
            // An interrupt's 0 is acknowledged when its MSI is through.
            case OP_IRQ_CTRL -> put(Reg.IRQ_CTRLACK, value | get(Reg.IRQ_CTRLACK) & listener.interruptsUnderWay());
            case OP_GBPA -> put(Reg.GBPA, value & GBPA_MASK);
            default -> throw new IllegalArgumentException("register op " + op);
        }
        changed.wakeAll();
    }

    // ---- what the rest of the device asks

    boolean enabled() {
        return (get(Reg.CR0ACK) & Reg.CR0_SMMUEN) != 0;
    }

    boolean commandsEnabled() {
        return (get(Reg.CR0ACK) & Reg.CR0_CMDQEN) != 0 && commandsStopping.get() == 0;
    }

    /** The command queue does nothing any more. */
    void commandsStopped() {
        if (commandsStopping.get() != 0) {
            commandsStopping.set(0);
            put(Reg.CR0ACK, get(Reg.CR0ACK) & ~Reg.CR0_CMDQEN);
        }
        changed.wakeAll();
    }

    boolean eventsEnabled() {
        return (get(Reg.CR0ACK) & Reg.CR0_EVENTQEN) != 0;
    }

    /** True if page requests are recorded: SMMUEN=0 disables that queue, too. */
    boolean pageRequestsEnabled() {
        int needed = Reg.CR0_PRIQEN | Reg.CR0_SMMUEN;
        return (get(Reg.CR0ACK) & needed) == needed;
    }

    /** True if the configuration of translated transactions is looked at. */
    boolean checksTranslated() {
        return (get(Reg.CR0ACK) & Reg.CR0_ATSCHK) != 0;
    }

    /** True if configuration errors of translation requests and translated transactions are recorded. */
    boolean recordsAtsErrors() {
        return (get(Reg.CR2) & Reg.CR2_REC_CFG_ATS) != 0;
    }

    /** True if the PRI queue's interrupt is for the last request of a group. */
    boolean pageInterruptOnLast() {
        return (get(Reg.PRIQ_IRQ_CFG2) & Reg.PRIQ_IRQ_CFG2_LO) != 0;
    }

    boolean globalAbort() {
        return (get(Reg.GBPA) & Reg.GBPA_ABORT) != 0;
    }

    boolean recordsBadStreams() {
        return (get(Reg.CR2) & Reg.CR2_RECINVSID) != 0;
    }

    /** EL2 streams have the host's regime. */
    boolean hostExtensions() {
        return (get(Reg.CR2) & Reg.CR2_E2H) != 0;
    }

    boolean interruptEnabled(int which) {
        return (get(Reg.IRQ_CTRLACK) & which) != 0;
    }

    /** An MSI has been written, or is lost: that its interrupt is disabled can be acknowledged. */
    void interruptSent(int which) {
        if ((get(Reg.IRQ_CTRL) & which) == 0) {
            show(Reg.IRQ_CTRLACK, get(Reg.IRQ_CTRLACK) & ~which);
        }
    }

    /** What software says; no more StreamIDs than IDR1.SIDSIZE allows are in the table. */
    int streamTableLog2Size() {
        return get(Reg.STRTAB_BASE_CFG) & Reg.STRTAB_BASE_CFG_LOG2SIZE;
    }

    /** True if the stream table has two levels; without that feature, its format is not looked at. */
    boolean streamTableTwoLevel() {
        int format = (get(Reg.STRTAB_BASE_CFG) & Reg.STRTAB_BASE_CFG_FMT) >>> Reg.STRTAB_BASE_CFG_FMT_SHIFT;
        return ids.st2level() && format == Reg.STRTAB_FMT_2LVL;
    }

    /** How many bits of a StreamID a level-2 table resolves: 6, 8 or 10; what is reserved behaves as 6. */
    int streamTableSplit() {
        int split = (get(Reg.STRTAB_BASE_CFG) & Reg.STRTAB_BASE_CFG_SPLIT) >>> Reg.STRTAB_BASE_CFG_SPLIT_SHIFT;
        return split == 8 || split == 10 ? split : 6;
    }

    /** The table, or the first level of one, is aligned to the size that software says, at least to 64 bytes. */
    long streamTableBase() {
        int log2Bytes = streamTableTwoLevel()
                ? Math.max(Ste.SHIFT, streamTableLog2Size() - streamTableSplit() + Ste.L1_SHIFT)
                : streamTableLog2Size() + Ste.SHIFT;
        return get64(Reg.STRTAB_BASE) & Reg.STRTAB_BASE_ADDR & -1L << Math.min(log2Bytes, Long.SIZE - 1);
    }

    QueueRegisters commandQueue() {
        return new QueueRegisters(this, Reg.CMDQ_BASE, Reg.CMDQ_PROD, Reg.CMDQ_CONS, ids.cmdqs(), Cmd.SHIFT);
    }

    QueueRegisters eventQueue() {
        return new QueueRegisters(this, Reg.EVENTQ_BASE, Reg.EVENTQ_PROD, Reg.EVENTQ_CONS, ids.eventqs(), Event.SHIFT);
    }

    QueueRegisters pageQueue() {
        return new QueueRegisters(this, Reg.PRIQ_BASE, Reg.PRIQ_PROD, Reg.PRIQ_CONS, ids.priqs(), Pri.SHIFT);
    }

    /** The queue stops here: CONS.ERR says why, and GERROR.CMDQ_ERR becomes active. */
    void commandError(int reason) {
        put(Reg.CMDQ_CONS, get(Reg.CMDQ_CONS) & ~Reg.CMDQ_CONS_ERR | reason << Reg.CMDQ_CONS_ERR_SHIFT);
        raise(Reg.GERROR_CMDQ_ERR);
    }

    /** True while an error is active: it was raised and is not acknowledged. */
    boolean errorActive(int bit) {
        return ((get(Reg.GERROR) ^ get(Reg.GERRORN)) & bit) != 0;
    }

    /** Makes an error active, unless it is already. */
    void raise(int bit) {
        if (!errorActive(bit)) {
            put(Reg.GERROR, get(Reg.GERROR) ^ bit);
            changed.wakeAll();
            listener.errorRaised(bit);
        }
    }

    /** MSI address of an interrupt's configuration; 0: it is a wire. */
    long msiAddress(int configRegister) {
        return get64(configRegister) & MSI_ADDRESS;
    }

    int msiData(int configRegister) {
        return get(configRegister + 8);
    }
}
