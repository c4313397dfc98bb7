package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdChecks;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Pc;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.CommandLoop;
import org.iommusim.hw.control.PendingWaits;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;

/**
 * The command buffer: fetches one command after the other, moves the head, and carries it out.
 *
 * <p>Guarantees (command buffer; COMPLETION_WAIT): commands take effect in order. The head moves when a command has been fetched
 * and found legal, so that head and tail are equal says nothing about completion: only a COMPLETION_WAIT does ({@link
 * PendingWaits}). It waits for the requests under way that use what was invalidated before it, and for the answers of functions
 * to INVALIDATE_IOTLB_PAGES. Neither these nor the wait hold up what is fetched after them, except that a wait with f lets
 * nothing be fetched until it is complete, and that a request without a free tag waits for one.
 *
 * <p>A command that is not legal (ILLEGAL_COMMAND_ERROR) or cannot be fetched (COMMAND_HARDWARE_ERROR) stops the buffer with the
 * head at it: CmdBufRun is 0 until software switches CmdBufEn off and on. A function that does not answer within InvTimeout
 * (IOTLB_INV_TIMEOUT) stops nothing, and waits behind its request complete. PREFETCH_IOMMU_PAGES is a hint, and
 * nothing waits for what it asks for ({@link Prefetches}).
 *
 * <p>Switching the buffer off gives up the waits that are pending, and a command that waits for a tag.
 */
final class CommandBuffer implements CommandLoop.Client, AtcInvalidations.Client {
    private final InvalidationTarget target;
    private final RegisterFile registers;
    private final UnitStatus status;
    private final EventSink events;
    private final EventCounters counters;
    private final AtcInvalidations atcs;
    private final DeviceMessages devices;
    private final PendingWaits waits;
    private final Ring ring;
    private final CommandLoop loop;
    private final PhysicalMemory memory;
    private final boolean iotlbSup;
    private final Counter consumed;
    private final Counter errors;
    private final Counter timeouts;

    private boolean fenced;
    private boolean waitingForTag;
    /** Where the command of each request to a function was fetched, by tag. */
    private final long[] commands = new long[AtcInvalidations.MOST_REQUESTS];

    /** An idle buffer of a unit. */
    CommandBuffer(
            ControlUnit unit,
            String name,
            AmdViParameters p,
            InvalidationTarget target,
            RequestPort port,
            PhysicalMemory memory) {
        this.target = target;
        this.memory = memory;
        registers = unit.registers();
        status = unit.status();
        events = unit.events();
        counters = unit.counters();
        ring = new Ring(registers, Reg.CMD_BUF_BASE, Reg.CMD_HEAD, Reg.CMD_TAIL, Cmd.BYTES);
        iotlbSup = p.flag("iotlb_sup");
        Scheduler scheduler = unit.simulation().scheduler();
        Statistics statistics = unit.simulation().statistics().under(name + ".cmdbuf");
        waits = new PendingWaits(
                new WaitCommands(status, this::fenceOver),
                target,
                scheduler.newLane(name + " waits", Phase.HARDWARE),
                port,
                memory,
                unit.changed(),
                Long.BYTES,
                statistics.counter("waits", "commands", "COMPLETION_WAITs completed"),
                statistics.counter("aborted_waits", "commands", "COMPLETION_WAITs given up"));
        loop = new CommandLoop(
                this,
                scheduler,
                unit.simulation().trace(),
                p.clock(),
                scheduler.newLane(name + " cmdbuf", Phase.HARDWARE),
                port,
                memory,
                p.value("command_cycles"),
                p.value("invalidate_cycles"));
        atcs = new AtcInvalidations(this, unit.simulation(), name, p.value("iotlb_tags"), AtcInvalidations.NEVER);
        devices = new DeviceMessages(atcs, p.flag("iotlb_skips_nobody"));
        consumed = statistics.counter("consumed", "commands", "commands fetched and found legal");
        errors = statistics.counter("errors", "errors", "times that the buffer was stopped by an error");
        timeouts = statistics.counter("timeouts", "requests", "requests to functions that were not answered in time");
    }

    Lane lane() {
        return loop.lane();
    }

    /** Requests to functions that are under way. */
    AtcInvalidations atcs() {
        return atcs;
    }

    /** True if a control register asks for the buffer. */
    static boolean enabled(long control) {
        return Control.IOMMU_EN.isSet(control) && Control.CMD_BUF_EN.isSet(control);
    }

    /** Something changed that may let the buffer go on: head, tail, or CmdBufRun. */
    void wake() {
        loop.wake();
    }

    /** The buffer has been switched off. */
    void disabled() {
        waits.abort();
        target.stopPrefetching();
        if (waitingForTag) {
            waitingForTag = false;
            loop.refused();
        }
    }

    /** A request for which an invalidation had to wait is carried out. */
    void flightsDrained() {
        waits.flightsDrained();
    }

    private void fenceOver() {
        fenced = false;
        loop.wake();
    }

    @Override
    public void tagFreed(int tag) {
        waits.tagFreed(tag);
        if (waitingForTag && sent()) {
            waitingForTag = false;
            loop.done();
        }
    }

    @Override
    public void timedOut(int tag, int requesterId) {
        timeouts.increment();
        events.record(Event.word0(Event.IOTLB_INV_TIMEOUT, requesterId, 0), commands[tag]);
    }

    // ---- fetching

    @Override
    public boolean stopped() {
        return !status.is(Status.CMD_BUF_RUN);
    }

    @Override
    public boolean ready() {
        return !stopped() && !fenced && !ring.empty();
    }

    @Override
    public long address() {
        return ring.headAddress();
    }

    @Override
    public int bytes() {
        return Cmd.BYTES;
    }

    @Override
    public String text(long[] words) {
        return CmdText.text(words[0], words[1]);
    }

    @Override
    public void unreadable(long address) {
        error(Event.COMMAND_HARDWARE_ERROR, HardwareErrors.at(memory, address));
    }

    @Override
    public void decoded(long[] words) {
        if (legal(words[0], words[1])) {
            consumed.increment();
            count(Cmd.opcode(words[0]));
            ring.consumed();
            carryOut(words[0], words[1]);
        } else {
            error(Event.ILLEGAL_COMMAND_ERROR, 0);
            loop.refused();
        }
    }

    private void count(int opcode) {
        count(Pc.CMD_PROCESSED, true);
        count(Pc.CMD_PROCESSED_INV, invalidates(opcode));
        count(Pc.TLB_INV, opcode == Cmd.INVALIDATE_IOMMU_PAGES || opcode == Cmd.INVALIDATE_IOMMU_ALL);
    }

    private void count(int source, boolean happens) {
        if (happens) {
            counters.count(source, EventCounters.NO_ID, EventCounters.NO_ID, EventCounters.NO_ID);
        }
    }

    private static boolean invalidates(int opcode) {
        return switch (opcode) {
            case Cmd.COMPLETION_WAIT, Cmd.PREFETCH_IOMMU_PAGES, Cmd.COMPLETE_PPR_REQUEST -> false;
            default -> true;
        };
    }

    private boolean legal(long w0, long w1) {
        boolean known = iotlbSup || Cmd.opcode(w0) != Cmd.INVALIDATE_IOTLB_PAGES;
        return known && CmdChecks.legal(w0, w1, registers.efr());
    }

    /** The head stays at the command, whose address is in the record. */
    private void error(int code, long flags) {
        errors.increment();
        status.run(Status.CMD_BUF_RUN, false);
        events.record(Event.word0(code, 0, flags), loop.at());
    }

    // ---- carrying out

    private void carryOut(long w0, long w1) {
        switch (Cmd.opcode(w0)) {
            case Cmd.COMPLETION_WAIT -> {
                fenced = Cmd.F_FLUSH.isSet(w0);
                waits.add(w0, w1, atcs.tagsUnderWay(), 0);
                loop.done();
            }
            case Cmd.INVALIDATE_IOTLB_PAGES -> {
                target.issued(w0, w1);
                waitingForTag = !devices.skips(w0) && !sent();
                if (!waitingForTag) {
                    loop.done();
                }
            }
            case Cmd.COMPLETE_PPR_REQUEST -> {
                devices.respond(w0, w1);
                loop.done();
            }
            case Cmd.PREFETCH_IOMMU_PAGES -> {
                target.prefetch(w0, w1);
                loop.done();
            }
            default -> {
                target.issued(w0, w1);
                loop.invalidate();
            }
        }
    }

    @Override
    public void invalidated() {
        target.invalidate(loop.words()[0], loop.words()[1]);
    }

    /** Sends the request of the command under way; false if it has to wait for a tag. */
    private boolean sent() {
        int tag = devices.invalidate(loop.words()[0], loop.words()[1]);
        if (tag == AtcInvalidations.NO_TAG) {
            return false;
        }
        commands[tag] = loop.at();
        return true;
    }
}
