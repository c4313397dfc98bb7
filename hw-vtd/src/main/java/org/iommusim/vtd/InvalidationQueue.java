package org.iommusim.vtd;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.control.CommandLoop;
import org.iommusim.hw.control.PendingWaits;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
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
final class InvalidationQueue implements CommandLoop.Client, AtcInvalidations.Client {
    private static final int NOBODY = -1;

    private final ControlUnit control;
    private final InvalidationTarget target;
    private final Invalidation invalidation;
    private final FaultRecorder faults;
    private final DeviceTlbs deviceTlbs;
    private final PendingWaits waits;
    private final CommandLoop loop;
    private final PhysicalMemory memory;
    private final RegisterFile registers;
    private final Cap cap;
    private final boolean errorInfo;
    private final boolean retriesAtTail;
    private final Counter consumed;
    private final Counter errors;

    private boolean fenced;
    private boolean waitingForTag;
    /** Source id of a device that has not answered, of which software is told when the status under way is written. */
    private int silent = NOBODY;
    /** It has stopped with IQE and tries again only when IQT is written. */
    private boolean waitingForTail;

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
        this.memory = memory;
        registers = unit.registers();
        faults = unit.faults();
        deviceTlbs = new DeviceTlbs(unit, registers.cap());
        cap = registers.cap();
        Scheduler scheduler = sim.scheduler();
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
        loop = new CommandLoop(
                this,
                scheduler,
                sim.trace(),
                p.clock(),
                scheduler.newLane(name + " invq", Phase.HARDWARE),
                port,
                memory,
                p.value("descriptor_cycles"),
                p.value("invalidate_cycles"));
        consumed = statistics.counter("consumed", "descriptors", "invalidation descriptors fetched and found legal");
        errors = statistics.counter("errors", "errors", "times that the queue was stopped by an error");
    }

    Lane lane() {
        return loop.lane();
    }

    /** True while a descriptor is being fetched or carried out, or a status is being written. */
    boolean working() {
        return loop.working() || waits.writing();
    }

    /** Something changed that may let the queue go on: IQT is written, QIES is 1, an error is cleared. */
    void changed(boolean tailWritten) {
        // A tail that is written while the error stands is not the one that it waits for.
        if (tailWritten && !registers.queueStopped()) {
            waitingForTail = false;
        }
        loop.wake();
    }

    /** QIES is 0: nobody will be told of pending waits. */
    void disabled() {
        waitingForTail = false;
        waits.abort();
    }

    @Override
    public boolean stopped() {
        return registers.queueStopped();
    }

    @Override
    public boolean ready() {
        boolean held = stopped() || fenced || waitingForTail;
        return !held && registers.get(Reg.IQH) != registers.get(Reg.IQT);
    }

    private void fenceOver() {
        fenced = false;
        loop.wake();
    }

    /** What has been fetched and is not complete. */
    PendingWaits waits() {
        return waits;
    }

    @Override
    public void tagFreed(int tag) {
        waits.tagFreed(tag);
        if (waitingForTag && deviceTlbs.invalidate(loop.words()[0], loop.words()[1])) {
            waitingForTag = false;
            loop.done();
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
        if (!loop.working()) {
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

    // ---- fetching

    private long base() {
        return registers.get64(Reg.IQA);
    }

    @Override
    public long address() {
        return (base() & Reg.IQA_BASE) + registers.get(Reg.IQH);
    }

    @Override
    public int bytes() {
        return 1 << Reg.iqShift(base());
    }

    @Override
    public String text(long[] words) {
        return InvText.text(words[0], words[1]);
    }

    @Override
    public boolean sound() {
        int wrong = tailError();
        if (wrong != Reg.IQEI_NONE) {
            error(wrong);
        }
        return wrong == Reg.IQEI_NONE;
    }

    @Override
    public void idle() {
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

    @Override
    public void unreadable(long address) {
        error(Reg.IQEI_FETCH);
    }

    @Override
    public void decoded(long[] words) {
        int wrong = InvChecks.error(words[0], words[1], words[2], words[3], cap);
        if (wrong == Reg.IQEI_NONE && !statusReachable(words)) {
            wrong = Reg.IQEI_RESERVED;
        }
        if (wrong == Reg.IQEI_NONE) {
            consumed.increment();
            registers.show(Reg.IQH, (int) (registers.get(Reg.IQH) + bytes() & Reg.iqBytes(base()) - 1));
            carryOut(words[0], words[1]);
        } else {
            error(wrong);
            loop.refused();
        }
    }

    /** A status address beyond memory is found out before the wait is taken, as recorded from QEMU. */
    private boolean statusReachable(long[] words) {
        boolean writes = Inv.type(words[0]) == Inv.WAIT && Inv.SW.isSet(words[0]);
        return !writes || memory.present(Inv.STATUS_ADDRESS.inPlace(words[1]));
    }

    // ---- carrying out

    private void carryOut(long w0, long w1) {
        switch (Inv.type(w0)) {
            case Inv.DEVICE_TLB, Inv.PASID_DEVICE_TLB -> {
                target.issued(w0, w1);
                waitingForTag = !deviceTlbs.invalidate(w0, w1);
                if (!waitingForTag) {
                    loop.done();
                }
            }
            case Inv.WAIT -> {
                fenced = Inv.FN.isSet(w0);
                int pageRequests = Inv.PD.isSet(w0) ? control.pages().pending() : 0;
                waits.add(w0, w1, deviceTlbs.tagsUnderWay(), pageRequests);
                loop.done();
            }
            case Inv.PAGE_GROUP_RESPONSE -> {
                deviceTlbs.respond(w0, w1);
                loop.done();
            }
            case Inv.IEC -> {
                target.invalidate(interruptEntries(w0));
                loop.done();
            }
            default -> invalidate(w0, w1);
        }
    }

    private InterruptRemapping.Entries interruptEntries(long w0) {
        return Inv.IEC_SELECTIVE.isSet(w0)
                ? new InterruptRemapping.Entries(Inv.IIDX.getInt(w0), Inv.IM.getInt(w0))
                : InterruptRemapping.Entries.ALL;
    }

    private void invalidate(long w0, long w1) {
        target.issued(w0, w1);
        Described.describe(invalidation, w0, w1, cap);
        loop.invalidate();
    }

    @Override
    public void invalidated() {
        target.invalidate(invalidation);
    }

    private void error(int reason) {
        errors.increment();
        waitingForTail = retriesAtTail;
        registers.put(Reg.IQERCD, errorInfo ? reason : Reg.IQEI_NONE);
        faults.queueError(Reg.FSTS_IQE);
    }
}
