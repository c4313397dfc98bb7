package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.CmdChecks;
import org.iommusim.amdvi.spec.CmdText;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.PendingWaits;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.trace.TraceSink;

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
 * (IOTLB_INV_TIMEOUT) stops nothing, and waits behind its request complete. PREFETCH_IOMMU_PAGES is a hint, and does nothing.
 *
 * <p>Switching the buffer off gives up the waits that are pending, and a command that waits for a tag.
 */
final class CommandBuffer implements EventHandler, AtcInvalidations.Client {
    private static final int OP_START = 0;
    private static final int OP_FETCHED = 1;
    private static final int OP_DECODED = 2;
    private static final int OP_INVALIDATED = 3;

    private final InvalidationTarget target;
    private final RegisterFile registers;
    private final UnitStatus status;
    private final EventSink events;
    private final AtcInvalidations atcs;
    private final DeviceMessages devices;
    private final PendingWaits waits;
    private final Ring ring;
    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final TraceSink trace;
    private final Lane lane;
    private final boolean iotlbSup;
    private final int decodeCycles;
    private final int invalidateCycles;
    private final Counter consumed;
    private final Counter errors;
    private final Counter timeouts;

    private boolean working;
    private boolean fenced;
    private boolean waitingForTag;
    /** Where the command under way was fetched. */
    private long at;

    private long w0;
    private long w1;
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
        this.port = port;
        this.memory = memory;
        registers = unit.registers();
        status = unit.status();
        events = unit.events();
        ring = new Ring(registers, Reg.CMD_BUF_BASE, Reg.CMD_HEAD, Reg.CMD_TAIL);
        scheduler = unit.simulation().scheduler();
        trace = unit.simulation().trace();
        clock = p.clock();
        iotlbSup = p.flag("iotlb_sup");
        decodeCycles = p.value("command_cycles");
        invalidateCycles = p.value("invalidate_cycles");
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
        lane = scheduler.newLane(name + " cmdbuf", Phase.HARDWARE);
        atcs = new AtcInvalidations(this, unit.simulation(), name, p.value("iotlb_tags"), AtcInvalidations.NEVER);
        devices = new DeviceMessages(atcs);
        consumed = statistics.counter("consumed", "commands", "commands fetched and found legal");
        errors = statistics.counter("errors", "errors", "times that the buffer was stopped by an error");
        timeouts = statistics.counter("timeouts", "requests", "requests to functions that were not answered in time");
    }

    Lane lane() {
        return lane;
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
        if (!working && ready()) {
            working = true;
            after(1, OP_START);
        }
    }

    /** The buffer has been switched off. */
    void disabled() {
        waits.abort();
        if (waitingForTag) {
            waitingForTag = false;
            traceEnd();
            idle();
        }
    }

    /** A request for which an invalidation had to wait is carried out. */
    void flightsDrained() {
        waits.flightsDrained();
    }

    private boolean running() {
        return status.is(Status.CMD_BUF_RUN);
    }

    private boolean ready() {
        return running() && !fenced && !ring.empty();
    }

    private void fenceOver() {
        fenced = false;
        wake();
    }

    @Override
    public void tagFreed(int tag) {
        waits.tagFreed(tag);
        if (waitingForTag && sent()) {
            waitingForTag = false;
            done();
        }
    }

    @Override
    public void timedOut(int tag, int requesterId) {
        timeouts.increment();
        events.record(Event.word0(Event.IOTLB_INV_TIMEOUT, requesterId, 0), commands[tag]);
    }

    private void after(int cycles, int op) {
        scheduler.at(lane, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(cycles), this, op, 0);
    }

    @Override
    public void onEvent(int op, long arg) {
        switch (op) {
            case OP_START -> fetch();
            case OP_FETCHED -> fetched();
            case OP_DECODED -> decoded();
            case OP_INVALIDATED -> {
                target.invalidate(w0, w1);
                done();
            }
            default -> throw new IllegalArgumentException("command buffer op " + op);
        }
    }

    // ---- fetching

    private void fetch() {
        if (ready()) {
            at = ring.headAddress();
            port.read(lane, at, Cmd.BYTES, this, OP_FETCHED, 0);
        } else {
            idle();
        }
    }

    /** What is left over of the last command would tell states apart that are the same. */
    private void idle() {
        working = false;
        at = 0;
        w0 = 0;
        w1 = 0;
    }

    private void fetched() {
        if (!running()) {
            idle();
        } else if (port.reaches(memory, at, false)) {
            w0 = memory.read64(at);
            w1 = memory.read64(at + 8);
            if (trace.detailed()) {
                trace.begin(lane.name(), scheduler.now(), CmdText.text(w0, w1));
            }
            if (decodeCycles == 0) {
                decoded();
            } else {
                after(decodeCycles, OP_DECODED);
            }
        } else {
            int type = memory.present(at) ? Event.HW_TARGET_ABORT : Event.HW_MASTER_ABORT;
            stop(Event.COMMAND_HARDWARE_ERROR, Event.HW_TYPE.with(0, type));
        }
    }

    private void decoded() {
        if (!running()) {
            // Stopped meanwhile: it stays in the buffer.
            traceEnd();
            idle();
        } else if (!legal()) {
            traceEnd();
            stop(Event.ILLEGAL_COMMAND_ERROR, 0);
        } else {
            consumed.increment();
            ring.consumed();
            carryOut();
        }
    }

    private boolean legal() {
        boolean known = iotlbSup || Cmd.opcode(w0) != Cmd.INVALIDATE_IOTLB_PAGES;
        return known && CmdChecks.legal(w0, w1, registers.efr());
    }

    // ---- carrying out

    private void carryOut() {
        switch (Cmd.opcode(w0)) {
            case Cmd.COMPLETION_WAIT -> {
                fenced = Cmd.F_FLUSH.isSet(w0);
                waits.add(w0, w1, atcs.tagsUnderWay(), 0);
                done();
            }
            case Cmd.INVALIDATE_IOTLB_PAGES -> {
                target.issued(w0, w1);
                waitingForTag = !sent();
                if (!waitingForTag) {
                    done();
                }
            }
            case Cmd.COMPLETE_PPR_REQUEST -> {
                devices.respond(w0, w1);
                done();
            }
            case Cmd.PREFETCH_IOMMU_PAGES -> done();
            default -> invalidate();
        }
    }

    /** Sends the request of the command under way; false if it has to wait for a tag. */
    private boolean sent() {
        int tag = devices.invalidate(w0, w1);
        if (tag == AtcInvalidations.NO_TAG) {
            return false;
        }
        commands[tag] = at;
        return true;
    }

    private void invalidate() {
        target.issued(w0, w1);
        if (invalidateCycles == 0) {
            target.invalidate(w0, w1);
            done();
        } else {
            after(invalidateCycles, OP_INVALIDATED);
        }
    }

    private void done() {
        traceEnd();
        fetch();
    }

    private void traceEnd() {
        if (trace.detailed()) {
            trace.end(lane.name(), scheduler.now());
        }
    }

    /** The head stays at the command, whose address is in the record. */
    private void stop(int code, long flags) {
        errors.increment();
        status.run(Status.CMD_BUF_RUN, false);
        events.record(Event.word0(code, 0, flags), at);
        idle();
    }
}
