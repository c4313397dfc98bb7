package org.iommusim.vtd;

import java.util.Arrays;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.PendingWaits;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.InvChecks;
import org.iommusim.vtd.spec.InvText;
import org.iommusim.vtd.spec.Reg;

/**
 * The invalidation queue: fetches one descriptor after the other, moves IQH, and carries it out.
 *
 * <p>Guarantees (queued invalidation interface): descriptors take effect in order. IQH moves when a descriptor has been
 * fetched and found legal, so IQH equal to IQT does not say that anything is complete: only a wait descriptor does ({@link
 * PendingWaits}). Requests to device TLBs and waits do not hold up what is fetched after them, except that a wait with FN
 * lets nothing be fetched until it is complete, and that a request without a free tag waits for one.
 *
 * <p>What is wrong with a descriptor, or with the tail, stops the queue with IQH at the descriptor (IQE), and IQERCD says
 * what. A device TLB that does not answer in time (ITE) aborts all pending waits and stops the queue where it is; a
 * completion that nobody waits for (ICE) is only told. Software clears the bit in FSTS, and the queue goes on. After IQE it
 * tries the descriptor at IQH again: at once, or, as recorded from QEMU, when IQT is written.
 */
final class InvalidationQueue implements EventHandler, AtcInvalidations.Client {
    private static final int NOBODY = -1;

    private static final int OP_START = 0;
    private static final int OP_FETCHED = 1;
    private static final int OP_DECODED = 2;
    private static final int OP_INVALIDATED = 3;

    private final ControlUnit control;
    private final InvalidationTarget target;
    private final Invalidation invalidation;
    private final FaultRecorder faults;
    private final DeviceTlbs deviceTlbs;
    private final PendingWaits waits;
    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final RegisterFile registers;
    private final Cap cap;
    private final TraceSink trace;
    private final Lane lane;
    private final int decodeCycles;
    private final int invalidateCycles;
    private final boolean errorInfo;
    private final boolean retriesAtTail;
    private final Counter consumed;
    private final Counter errors;

    private boolean working;
    private boolean fenced;
    private boolean waitingForTag;
    /** Source id of a device that has not answered, of which software is told when the status under way is written. */
    private int silent = NOBODY;
    /** It has stopped with IQE and tries again only when IQT is written. */
    private boolean waitingForTail;

    private final long[] words = new long[Inv.WIDE_WORDS];

    /** An idle queue of a unit. */
    InvalidationQueue(
            ControlUnit unit,
            Simulation sim,
            String name,
            VtdParameters p,
            InvalidationTarget target,
            Invalidation invalidation,
            RequestPort port,
            PhysicalMemory memory) {
        control = unit;
        this.target = target;
        this.invalidation = invalidation;
        this.port = port;
        this.memory = memory;
        registers = unit.registers();
        faults = unit.faults();
        deviceTlbs = new DeviceTlbs(unit, registers.cap());
        cap = registers.cap();
        scheduler = sim.scheduler();
        trace = sim.trace();
        clock = p.clock();
        decodeCycles = p.value("descriptor_cycles");
        invalidateCycles = p.value("invalidate_cycles");
        errorInfo = p.flag("iq_error_info");
        retriesAtTail = p.flag("iq_retry_at_tail");
        Statistics statistics = sim.statistics().under(name + ".invq");
        waits = new PendingWaits(
                new WaitDescriptors(unit, this::fenceOver, this::statusWritten),
                target,
                scheduler.newLane(name + " waits", Phase.HARDWARE),
                port,
                memory,
                unit.changed(),
                4,
                statistics.counter("waits", "descriptors", "wait descriptors completed"),
                statistics.counter("aborted_waits", "descriptors", "wait descriptors aborted by a time-out"));
        lane = scheduler.newLane(name + " invq", Phase.HARDWARE);
        consumed = statistics.counter("consumed", "descriptors", "invalidation descriptors fetched and found legal");
        errors = statistics.counter("errors", "errors", "times that the queue was stopped by an error");
    }

    Lane lane() {
        return lane;
    }

    /** True while a descriptor is being fetched or carried out, or a status is being written. */
    boolean working() {
        return working || waits.writing();
    }

    /** Something changed that may let the queue go on: IQT is written, QIES is 1, an error is cleared. */
    void changed(boolean tailWritten) {
        // A tail that is written while the error stands is not the one that it waits for.
        if (tailWritten && !registers.queueStopped()) {
            waitingForTail = false;
        }
        wake();
    }

    /** QIES is 0: nobody will be told of pending waits. */
    void disabled() {
        waitingForTail = false;
        waits.abort();
    }

    private void wake() {
        if (!working && ready()) {
            working = true;
            after(1, OP_START);
        }
    }

    private boolean ready() {
        boolean stopped = registers.queueStopped() || fenced || waitingForTail;
        return !stopped && registers.get(Reg.IQH) != registers.get(Reg.IQT);
    }

    private void fenceOver() {
        fenced = false;
        wake();
    }

    /** What has been fetched and is not complete. */
    PendingWaits waits() {
        return waits;
    }

    @Override
    public void tagFreed(int tag) {
        waits.tagFreed(tag);
        if (waitingForTag && deviceTlbs.invalidate(words[0], words[1])) {
            waitingForTag = false;
            fetch();
        }
    }

    @Override
    public void timedOut(int tag, int requesterId) {
        waits.abort();
        silent = silent == NOBODY ? requesterId : silent;
        if (!waits.writing()) {
            tellTimeout();
        }
    }

    private void tellTimeout() {
        if (errorInfo && (registers.get(Reg.FSTS) & Reg.FSTS_ITE) == 0) {
            registers.put(Reg.IQERCD + 4, registers.get(Reg.IQERCD + 4) & 0xffff_0000 | silent);
        }
        silent = NOBODY;
        faults.queueError(Reg.FSTS_ITE);
    }

    /** What was fetched while the last status before a time-out was on its way is given up with the others. */
    private void statusWritten() {
        if (silent != NOBODY) {
            waits.abort();
            tellTimeout();
        }
        if (!working) {
            registers.queueIdle();
        }
    }

    @Override
    public void unexpected(int requesterId) {
        if (errorInfo && (registers.get(Reg.FSTS) & Reg.FSTS_ICE) == 0) {
            registers.put(Reg.IQERCD + 4, registers.get(Reg.IQERCD + 4) & 0xffff | requesterId << 16);
        }
        faults.queueError(Reg.FSTS_ICE);
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
                target.invalidate(invalidation);
                done();
            }
            default -> throw new IllegalArgumentException("invalidation queue op " + op);
        }
    }

    // ---- fetching

    private long base() {
        return registers.get64(Reg.IQA);
    }

    private long address() {
        return (base() & Reg.IQA_BASE) + registers.get(Reg.IQH);
    }

    private int bytes() {
        return 1 << Reg.iqShift(base());
    }

    private void fetch() {
        if (!ready()) {
            idle();
            return;
        }
        int wrong = tailError();
        if (wrong != Reg.IQEI_NONE) {
            stop(wrong);
        } else {
            port.read(lane, address(), bytes(), this, OP_FETCHED, 0);
        }
    }

    /** What is left over of the last descriptor would tell states apart that are the same. */
    private void idle() {
        working = false;
        Arrays.fill(words, 0);
        if (!waits.writing()) {
            registers.queueIdle();
        }
    }

    private int tailError() {
        int tail = registers.get(Reg.IQT);
        if (tail >= Reg.iqBytes(base())) {
            return Reg.IQEI_TAIL;
        }
        if ((tail & bytes() - 1) != 0) {
            return Reg.IQEI_TAIL_ALIGNMENT;
        }
        boolean wide = bytes() == Long.BYTES * Inv.WIDE_WORDS;
        return registers.tableMode() == Reg.TTM_SCALABLE && !wide ? Reg.IQEI_WIDTH : Reg.IQEI_NONE;
    }

    private void fetched() {
        if (!port.reaches(memory, address(), false)) {
            stop(Reg.IQEI_FETCH);
            return;
        }
        for (int i = 0; i < words.length; i++) {
            words[i] = Long.BYTES * i < bytes() ? memory.read64(address() + (long) Long.BYTES * i) : 0;
        }
        if (trace.detailed()) {
            trace.begin(lane.name(), scheduler.now(), InvText.text(words[0], words[1]));
        }
        if (decodeCycles == 0) {
            decoded();
        } else {
            after(decodeCycles, OP_DECODED);
        }
    }

    private void decoded() {
        if (registers.queueStopped()) {
            // Stopped meanwhile: it stays in the queue.
            traceEnd();
            idle();
            return;
        }
        int wrong = InvChecks.error(words[0], words[1], words[2], words[3], cap);
        if (wrong == Reg.IQEI_NONE && !statusReachable()) {
            wrong = Reg.IQEI_RESERVED;
        }
        if (wrong != Reg.IQEI_NONE) {
            traceEnd();
            stop(wrong);
            return;
        }
        consumed.increment();
        registers.show(Reg.IQH, (int) (registers.get(Reg.IQH) + bytes() & Reg.iqBytes(base()) - 1));
        carryOut();
    }

    /** A status address beyond memory is found out before the wait is taken, as recorded from QEMU. */
    private boolean statusReachable() {
        boolean writes = Inv.type(words[0]) == Inv.WAIT && Inv.SW.isSet(words[0]);
        return !writes || memory.present(Inv.STATUS_ADDRESS.inPlace(words[1]));
    }

    // ---- carrying out

    private void carryOut() {
        switch (Inv.type(words[0])) {
            case Inv.DEVICE_TLB, Inv.PASID_DEVICE_TLB -> {
                target.issued(words[0], words[1]);
                waitingForTag = !deviceTlbs.invalidate(words[0], words[1]);
                if (!waitingForTag) {
                    done();
                }
            }
            case Inv.WAIT -> {
                fenced = Inv.FN.isSet(words[0]);
                int pageRequests = Inv.PD.isSet(words[0]) ? control.pages().pending() : 0;
                waits.add(words[0], words[1], deviceTlbs.tagsUnderWay(), pageRequests);
                done();
            }
            case Inv.PAGE_GROUP_RESPONSE -> {
                deviceTlbs.respond(words[0], words[1]);
                done();
            }
            case Inv.IEC -> {
                target.invalidate(interruptEntries());
                done();
            }
            default -> invalidate();
        }
    }

    private InterruptRemapping.Entries interruptEntries() {
        return Inv.IEC_SELECTIVE.isSet(words[0])
                ? new InterruptRemapping.Entries(Inv.IIDX.getInt(words[0]), Inv.IM.getInt(words[0]))
                : InterruptRemapping.Entries.ALL;
    }

    private void invalidate() {
        target.issued(words[0], words[1]);
        Described.describe(invalidation, words[0], words[1], cap);
        if (invalidateCycles == 0) {
            target.invalidate(invalidation);
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

    private void stop(int reason) {
        errors.increment();
        waitingForTail = retriesAtTail;
        registers.put(Reg.IQERCD, errorInfo ? reason : Reg.IQEI_NONE);
        faults.queueError(Reg.FSTS_IQE);
        idle();
    }
}
