package org.iommusim.smmuv3;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.CommandLoop;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.smmuv3.Invalidation.Scope;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;

/**
 * The command queue: fetches one command after the other, carries it out, and moves CONS.
 *
 * <p>Guarantees (Arm IHI 0070, command consumption and CMD_SYNC): commands take effect in order. When CONS has passed an
 * invalidation, the caches no longer hold what it named and no transaction can put it back; transactions that found it
 * before may still be under way. CMD_SYNC is consumed when those have all been carried out, and when every event record
 * that there is by then has been written, or is lost. A command that is illegal or
 * cannot be fetched stops the queue with CONS at it, until software acknowledges GERROR.CMDQ_ERR; then the command at CONS
 * is fetched again.
 */
final class CommandQueue implements CommandLoop.Client, EventHandler, AtcInvalidations.Client {
    private final Smmuv3Device device;
    private final CommandLoop loop;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final RegisterFile registers;
    private final QueueRegisters queue;
    private final IdRegs ids;
    private final Invalidation invalidation;
    private final DeviceCommands toDevices;
    private final Counter consumed;
    private final Counter syncs;
    private final Counter errors;

    private boolean waitingForFlights;
    private boolean waitingForEvents;
    private long eventsUntil;
    private boolean waitingForTag;
    /** An invalidation request has timed out, and no CMD_SYNC has said so yet. */
    private boolean atcFailed;

    private long w0;
    private long w1;

    CommandQueue(
            Smmuv3Device device,
            Simulation sim,
            String name,
            Smmuv3Parameters p,
            IdRegs ids,
            RegisterFile registers,
            RequestPort port,
            PhysicalMemory memory) {
        this.device = device;
        invalidation = new Invalidation(device.faults(), p.flag("gem5_quirks"));
        this.ids = ids;
        this.registers = registers;
        queue = registers.commandQueue();
        this.port = port;
        this.memory = memory;
        toDevices = new DeviceCommands(device, ids);
        loop = new CommandLoop(
                this,
                sim.scheduler(),
                sim.trace(),
                p.clock(),
                sim.scheduler().newLane(name + " cmdq", Phase.HARDWARE),
                port,
                memory,
                p.value("command_cycles"),
                p.value("invalidate_cycles"));
        Statistics statistics = sim.statistics().under(name + ".cmdq");
        consumed = statistics.counter("consumed", "commands", "commands carried out");
        syncs = statistics.counter("syncs", "commands", "CMD_SYNCs completed");
        errors = statistics.counter("errors", "commands", "commands that stopped the queue");
    }

    Lane lane() {
        return loop.lane();
    }

    /** True while a command is being fetched or carried out. */
    boolean working() {
        return loop.working();
    }

    /** Something changed that may let the queue go on: PROD, CMDQEN, or an acknowledged error. */
    void wake() {
        loop.wake();
    }

    @Override
    public boolean ready() {
        return registers.commandsEnabled() && !registers.errorActive(Reg.GERROR_CMDQ_ERR) && !queue.empty();
    }

    /** All transactions that used something invalidated have been carried out. */
    void flightsDrained() {
        if (waitingForFlights && !syncWaits()) {
            waitingForFlights = false;
            syncEvents();
        }
    }

    /** An event record has been written, or is lost. */
    void eventsSettled() {
        if (waitingForEvents && device.events().settled(eventsUntil)) {
            waitingForEvents = false;
            endSync();
        }
    }

    @Override
    public void timedOut(int tag, int requesterId) {
        atcFailed = true;
    }

    @Override
    public void tagFreed(int tag) {
        if (waitingForTag) {
            waitingForTag = false;
            decoded(loop.words());
        } else {
            flightsDrained();
        }
    }

    // ---- fetching

    @Override
    public long address() {
        return queue.consumerAddress();
    }

    @Override
    public int bytes() {
        return Cmd.BYTES;
    }

    @Override
    public String text(long[] words) {
        return Cmd.text(words[0], words[1]);
    }

    @Override
    public void unreadable(long address) {
        error(Reg.CERROR_ABT);
    }

    @Override
    public void idle() {
        device.commandQueueIdle();
    }

    // ---- carrying out

    @Override
    public void decoded(long[] words) {
        w0 = words[0];
        w1 = words[1];
        int opcode = Cmd.opcode(w0);
        if (!legal(opcode)) {
            stop(Reg.CERROR_ILL);
            return;
        }
        switch (opcode) {
            case Cmd.PREFETCH_CONFIG, Cmd.PREFETCH_ADDR -> done();
            case Cmd.SYNC -> {
                waitingForFlights = syncWaits();
                if (!waitingForFlights) {
                    syncEvents();
                }
            }
            case Cmd.ATC_INV -> {
                device.staleUse().issued(new CommandPromise(w0, w1, ids));
                waitingForTag = !toDevices.invalidate(w0, w1);
                if (!waitingForTag) {
                    done();
                }
            }
            case Cmd.PRI_RESP -> {
                toDevices.respond(w0, w1);
                done();
            }
            case Cmd.RESUME, Cmd.STALL_TERM -> {
                toDevices.resume(opcode, w0, w1);
                done();
            }
            default -> {
                device.staleUse().issued(new CommandPromise(w0, w1, ids));
                describe(opcode);
                loop.invalidate();
            }
        }
    }

    /** CMD_SYNC waits for accesses that used what is invalidated, and for functions; never for what is stalled. */
    private boolean syncWaits() {
        boolean flights = device.staleFlights() > 0 && !device.faults().syncDoesNotWait;
        return flights || device.atcs().underWay();
    }

    /** Whoever was ended before may know it: what is to be read about it must be there, or never come. */
    private void syncEvents() {
        eventsUntil = device.events().accepted();
        waitingForEvents = !device.events().settled(eventsUntil);
        if (!waitingForEvents) {
            endSync();
        }
    }

    private void endSync() {
        if (atcFailed) {
            atcFailed = false;
            stop(Reg.CERROR_ATC_INV_SYNC);
        } else {
            signal();
        }
    }

    private boolean legal(int opcode) {
        if (Cmd.SSEC.isSet(w0)) {
            return false;
        }
        return switch (opcode) {
            case Cmd.PREFETCH_CONFIG, Cmd.PREFETCH_ADDR, Cmd.CFGI_STE, Cmd.CFGI_STE_RANGE, Cmd.TLBI_NSNH_ALL -> true;
            case Cmd.CFGI_CD, Cmd.CFGI_CD_ALL, Cmd.TLBI_NH_ALL, Cmd.TLBI_NH_ASID -> ids.s1p();
            case Cmd.TLBI_NH_VA, Cmd.TLBI_NH_VAA -> ids.s1p() && rangeLegal();
            case Cmd.TLBI_S12_VMALL -> ids.s2p();
            case Cmd.TLBI_S2_IPA -> ids.s2p() && rangeLegal();
            case Cmd.TLBI_EL2_ALL, Cmd.TLBI_EL2_ASID -> ids.hyp();
            case Cmd.TLBI_EL2_VA, Cmd.TLBI_EL2_VAA -> ids.hyp() && rangeLegal();
            case Cmd.SYNC -> Cmd.SYNC_CS.getInt(w0) != 3;
            case Cmd.ATC_INV -> ids.ats() && Cmd.ATC_SIZE.getInt(w1) <= Cmd.ATC_SIZE_ALL;
            case Cmd.PRI_RESP -> ids.pri() && Cmd.PRI_RESPONSE.getInt(w1) <= Cmd.PRI_SUCC;
            case Cmd.RESUME, Cmd.STALL_TERM -> ids.stallModel() != 1;
            // Secure, VMS: the identification registers say that they are absent.
            default -> false;
        };
    }

    /**
     * A granule without a range and without a level says nothing, and is reserved. Level 1 with 16K counts as none unless
     * there are 52-bit descriptors.
     */
    private boolean rangeLegal() {
        int tg = Cmd.TG.getInt(w1);
        int ttl = Cmd.TTL.getInt(w1);
        boolean noLevel = ttl == 0 || tg == Cmd.TG_16K && ttl == 1 && !ids.ds();
        return !ids.ril() || tg == 0 || !noLevel || Cmd.NUM.isSet(w0) || Cmd.scale(w0, ids.ds()) != 0;
    }

    private void describe(int opcode) {
        int vmid = ids.s2p() ? Cmd.VMID.getInt(w0) & ids.vmidMask() : 0;
        int asid = Cmd.ASID.getInt(w0) & ids.asidMask();
        switch (opcode) {
            case Cmd.CFGI_STE -> invalidation.streams(Cmd.SID.getInt(w0), -1);
            case Cmd.CFGI_STE_RANGE -> {
                int range = Cmd.RANGE.getInt(w1);
                invalidation.streams(Cmd.SID.getInt(w0), range == Cmd.RANGE_ALL ? 0 : -1 << range + 1);
            }
            case Cmd.CFGI_CD -> invalidation.contexts(Cmd.SID.getInt(w0), Cmd.SSID.getInt(w0));
            case Cmd.CFGI_CD_ALL -> invalidation.contexts(Cmd.SID.getInt(w0), Invalidation.ALL_SUBSTREAMS);
            case Cmd.TLBI_NH_ALL -> invalidation.translations(Scope.VM_STAGE1, vmid, 0);
            case Cmd.TLBI_NH_ASID -> invalidation.translations(Scope.ADDRESS_SPACE, vmid, asid);
            case Cmd.TLBI_S12_VMALL -> invalidation.translations(Scope.VM, vmid, 0);
            case Cmd.TLBI_NH_VA -> range(Scope.ADDRESS, vmid, asid, Cmd.ADDRESS.inPlace(w1));
            case Cmd.TLBI_NH_VAA -> range(Scope.ADDRESS_ALL_SPACES, vmid, 0, Cmd.ADDRESS.inPlace(w1));
            case Cmd.TLBI_EL2_ALL, Cmd.TLBI_EL2_ASID, Cmd.TLBI_EL2_VA, Cmd.TLBI_EL2_VAA -> describeEl2(opcode, asid);
            case Cmd.TLBI_S2_IPA -> range(Scope.IPA, vmid, 0, Cmd.IPA.inPlace(w1));
            default -> invalidation.translations(Scope.EVERYTHING, 0, 0);
        }
    }

    private void describeEl2(int opcode, int asid) {
        switch (opcode) {
            case Cmd.TLBI_EL2_ALL -> invalidation.translations(Scope.VM_STAGE1, 0, 0);
            case Cmd.TLBI_EL2_ASID -> invalidation.translations(Scope.ADDRESS_SPACE, 0, asid);
            case Cmd.TLBI_EL2_VA -> range(Scope.ADDRESS, 0, asid, Cmd.ADDRESS.inPlace(w1));
            default -> range(Scope.ADDRESS_ALL_SPACES, 0, 0, Cmd.ADDRESS.inPlace(w1));
        }
        invalidation.ofEl2();
    }

    /**
     * Without range invalidation (IDR3.RIL) the fields of a range are reserved and do not count. TG and TTL are taken for what
     * they are, hints: entries of other granules and levels go, too.
     */
    private void range(Scope scope, int vmid, int asid, long address) {
        long bytes = ids.ril() ? Cmd.rangeBytes(w0, w1, ids.ds()) : 1L << 12;
        invalidation.range(scope, vmid, asid, address, bytes, Cmd.LEAF.isSet(w1));
    }

    // ---- completion of CMD_SYNC

    private void signal() {
        int how = Cmd.SYNC_CS.getInt(w0);
        long address = Cmd.SYNC_MSIADDR.inPlace(w1);
        if (how == Cmd.CS_IRQ && address != 0 && ids.msi()) {
            port.write(loop.lane(), address, 4, this, 0, 0);
            return;
        }
        synced();
        if (how == Cmd.CS_IRQ) {
            device.interrupts().sync();
        } else if (how == Cmd.CS_SEV && ids.sev()) {
            device.changed().wakeAll();
        }
    }

    /** The completion signal of CMD_SYNC arrives. */
    @Override
    public void onEvent(int op, long arg) {
        long address = Cmd.SYNC_MSIADDR.inPlace(w1);
        if (port.reaches(memory, address, true)) {
            memory.write(address, 4, Cmd.SYNC_MSIDATA.get(w0));
            device.changed().wakeAll();
        } else {
            registers.raise(Reg.GERROR_MSI_CMDQ_ABT_ERR);
        }
        synced();
    }

    private void synced() {
        syncs.increment();
        device.staleUse().completed("CMD_" + Cmd.text(w0, w1));
        done();
    }

    // ---- end of a command

    @Override
    public void invalidated() {
        device.invalidate(invalidation);
        pass();
    }

    private void done() {
        pass();
        loop.done();
    }

    private void pass() {
        consumed.increment();
        queue.consumed();
    }

    private void stop(int reason) {
        error(reason);
        loop.refused();
    }

    private void error(int reason) {
        errors.increment();
        registers.commandError(reason);
    }
}
