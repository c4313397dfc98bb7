package org.iommusim.vtd;

import java.util.ArrayDeque;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.InvText;
import org.iommusim.vtd.spec.Reg;
import org.jspecify.annotations.Nullable;

/**
 * Wait descriptors that have been fetched and are not complete.
 *
 * <p>Each waits for what was fetched before it and for nothing later: requests under way that an invalidation has to wait
 * for, requests to device TLBs, and with PD also page requests. So they complete in order. A wait is complete when its status
 * is written (SW) and ICS.IWC is set (IF); if IWC was set already, there is no new interrupt.
 *
 * <p>After a time-out of a device TLB (ITE) they are aborted: their status is never written. The one whose write is on its
 * way is complete, it is too late for it; software learns of the time-out after that write, as reading a register pushes it.
 */
final class PendingWaits implements EventHandler {
    /** A wait, and what it still waits for of what was there when it was fetched. */
    private static final class Wait {
        final long w0;
        final long w1;
        /** It waits for the first so many invalidations; 0 when they are through. */
        int invalidations;
        /** It waits for the requests with these tags. */
        int tags;
        /** It waits for the first so many page requests. */
        int pageRequests;
        /** The first so many promises are kept with it. */
        int promises;

        Wait(long w0, long w1) {
            this.w0 = w0;
            this.w1 = w1;
        }
    }

    private final InvalidationTarget target;
    private final DeviceTlbs deviceTlbs;
    private final ControlUnit unit;
    private final RegisterFile registers;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final Lane lane;
    private final Runnable fenceOver;
    private final Runnable written;
    private final ArrayDeque<Wait> waits = new ArrayDeque<>();
    private final Counter completed;
    private final Counter aborted;
    /** The wait whose status is being written. */
    private @Nullable Wait writing;

    /**
     * No wait is pending.
     *
     * @param fenceOver told when a wait with FN is complete, or aborted
     * @param written told when a status has been written
     */
    PendingWaits(
            ControlUnit unit,
            DeviceTlbs deviceTlbs,
            Simulation sim,
            String name,
            InvalidationTarget target,
            RequestPort port,
            PhysicalMemory memory,
            Runnable fenceOver,
            Runnable written) {
        this.unit = unit;
        this.deviceTlbs = deviceTlbs;
        this.target = target;
        this.port = port;
        this.memory = memory;
        registers = unit.registers();
        this.fenceOver = fenceOver;
        this.written = written;
        lane = sim.scheduler().newLane(name + " waits", Phase.HARDWARE);
        Statistics statistics = sim.statistics().under(name + ".invq");
        completed = statistics.counter("waits", "descriptors", "wait descriptors completed");
        aborted = statistics.counter("aborted_waits", "descriptors", "wait descriptors aborted by a time-out");
    }

    /** A wait has been fetched. */
    void add(long w0, long w1) {
        Wait wait = new Wait(w0, w1);
        wait.invalidations = target.awaited(target.invalidations()) ? target.invalidations() : 0;
        wait.tags = deviceTlbs.tagsUnderWay();
        wait.pageRequests = Inv.PD.isSet(w0) ? unit.pages().pending() : 0;
        wait.promises = target.promises();
        waits.add(wait);
        progress();
    }

    /** The request with this tag is complete, or has timed out. */
    void tagFreed(int tag) {
        waits.forEach(wait -> wait.tags &= ~(1 << tag));
        progress();
    }

    /** The first page request is written, or dropped. */
    void pageRequestSettled() {
        waits.forEach(wait -> wait.pageRequests = Math.max(0, wait.pageRequests - 1));
        progress();
    }

    /** A request for which an invalidation had to wait is carried out. */
    void flightsDrained() {
        for (Wait wait : waits) {
            if (!target.awaited(wait.invalidations)) {
                wait.invalidations = 0;
            }
        }
        progress();
    }

    private void progress() {
        Wait first = waits.peek();
        while (first != null && writing == null && over(first)) {
            waits.remove();
            if (Inv.SW.isSet(first.w0)) {
                writing = first;
                port.write(lane, Inv.STATUS_ADDRESS.inPlace(first.w1), 4, this, 0, 0);
            } else {
                complete(first);
            }
            first = waits.peek();
        }
    }

    private static boolean over(Wait wait) {
        return wait.invalidations == 0 && wait.tags == 0 && wait.pageRequests == 0;
    }

    /** The status is written; a write that the bus does not carry out is lost, as posted writes are. */
    @Override
    public void onEvent(int op, long arg) {
        Wait wait = writing;
        if (wait == null) {
            throw new IllegalStateException(lane + ": nothing was written");
        }
        writing = null;
        tell(wait);
        long address = Inv.STATUS_ADDRESS.inPlace(wait.w1);
        if (port.reaches(memory, address, true)) {
            memory.write(address, 4, Inv.STATUS_DATA.get(wait.w0));
            unit.changed().wakeAll();
        }
        complete(wait);
        written.run();
        progress();
    }

    /** True while a status is on its way to memory. */
    boolean writing() {
        return writing != null;
    }

    /** What is told by this wait is not told again by those behind it. */
    private void tell(Wait told) {
        target.completed(InvText.text(told.w0, told.w1), told.promises);
        waits.forEach(wait -> wait.promises -= told.promises);
        told.promises = 0;
    }

    private void complete(Wait wait) {
        completed.increment();
        if (Inv.IF.isSet(wait.w0)) {
            tell(wait);
            boolean told = (registers.get(Reg.ICS) & Reg.ICS_IWC) != 0;
            registers.show(Reg.ICS, registers.get(Reg.ICS) | Reg.ICS_IWC);
            if (!told) {
                unit.interrupts().completion().raise();
            }
        }
        if (Inv.FN.isSet(wait.w0)) {
            fenceOver.run();
        }
    }

    /** A device TLB has not answered in time, or the queue is off: nobody will be told of these. */
    void abort() {
        boolean fence = false;
        for (Wait wait : waits) {
            aborted.increment();
            fence |= Inv.FN.isSet(wait.w0);
        }
        waits.clear();
        if (fence) {
            fenceOver.run();
        }
    }
}
