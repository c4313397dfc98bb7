package org.iommusim.smmuv3;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaSource;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockDomain;
import org.jspecify.annotations.Nullable;

/**
 * A translation buffer unit: takes transactions from devices, looks them up in its micro TLB and main TLB, sends misses to
 * the shared unit, lets translations leave in order if asked to, and hands them to the port to memory.
 *
 * <p>A miss waits while an older miss of the same page is under way, and then looks the main TLB up again.
 */
final class FrontEnd implements EventHandler {
    private static final int OP_ADMITTED = 0;
    private static final int OP_PORT = 1;
    private static final int OP_RECEIVED = 2;
    private static final int OP_DISABLED = 3;
    private static final int OP_UTLB = 4;
    private static final int OP_UTLB_DONE = 5;
    private static final int OP_TLB = 6;
    private static final int OP_TLB_DONE = 7;
    private static final int OP_HAZARD = 8;
    private static final int OP_FILL_TLB = 9;
    private static final int OP_FILL_UTLB = 10;
    private static final int OP_ORDER = 11;
    private static final int OP_LEFT = 12;
    private static final int OP_RETRY = 13;
    private static final int OP_STALL_OVER = 14;

    private final Smmuv3Device device;
    private final Scheduler scheduler;
    private final ClockDomain clock;
    private final RequestPort memoryPort;
    private final Door door;
    private final Slots port;
    private final Tlb micro;
    private final Tlb main;
    private final boolean microOn;
    private final boolean mainOn;
    private final boolean inOrder;
    private final boolean byStream;
    private final OrderLists order = new OrderLists();
    private final FlightList hazardWaiters = new FlightList();
    private final Lane retries;
    private @Nullable DmaSource refused;
    private boolean retryPending;
    private @Nullable Flight firstMiss;
    private @Nullable Flight lastMiss;

    FrontEnd(Smmuv3Device device, Simulation sim, String name, Smmuv3Parameters p, RequestPort memoryPort) {
        this.device = device;
        this.memoryPort = memoryPort;
        scheduler = sim.scheduler();
        clock = p.clock();
        WakeRule rule = p.wakeRule();
        door = new Door(p.value("tbu_slots"), p.value("write_beats"));
        port = new Slots(scheduler, name + " port", 1, rule);
        micro = new Tlb(
                sim,
                name + ".utlb",
                new CacheShape(p.value("utlb_entries"), 0, 3, Replacement.of(p.value("utlb_policy"))),
                p.value("utlb_cycles"),
                p.value("utlb_ports"),
                rule,
                p.flag("tlb_all_sizes"),
                device.staleUse());
        main = new Tlb(
                sim,
                name + ".tlb",
                new CacheShape(p.value("tlb_entries"), p.value("tlb_ways"), 3, Replacement.of(p.value("tlb_policy"))),
                p.value("tlb_cycles"),
                p.value("tlb_ports"),
                rule,
                p.flag("tlb_all_sizes"),
                device.staleUse());
        microOn = p.flag("utlb");
        mainOn = p.flag("tlb");
        inOrder = p.flag("in_order");
        byStream = p.flag("hazard_by_stream");
        retries = scheduler.newLane(name + " retries", Phase.HARDWARE);
    }

    /** Micro TLB and main TLB, for invalidation. */
    void invalidate(Invalidation what) {
        micro.entries().invalidate(what.tlbEntries());
        main.entries().invalidate(what.tlbEntries());
    }

    void accept(Flight flight) {
        if (door.enter(flight)) {
            receive(flight);
        }
    }

    /** Takes a flight, or refuses it and tells its source later when to try again. */
    boolean offer(Flight flight, DmaSource source) {
        if (door.tryEnter(flight)) {
            receive(flight);
            return true;
        }
        refused = source;
        return false;
    }

    /**
     * Something has left through the port to memory, or a slot has become free: whoever was refused may try again at the
     * next cycle. There is one such event at a time, so that it may come too early, and then there is another.
     */
    void inviteRefused() {
        if (refused != null && !retryPending) {
            retryPending = true;
            scheduler.at(retries, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(1), this, OP_RETRY, 0);
        }
    }

    private void retry() {
        retryPending = false;
        DmaSource source = refused;
        refused = null;
        if (source != null) {
            source.retry();
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        if (op == OP_RETRY) {
            retry();
            return;
        }
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_ADMITTED -> receive(flight);
            case OP_PORT -> after(flight, flight.beats, OP_RECEIVED);
            case OP_RECEIVED -> received(flight);
            case OP_DISABLED -> disabled(flight);
            case OP_UTLB -> after(flight, micro.cycles, OP_UTLB_DONE);
            case OP_UTLB_DONE -> microLookedUp(flight);
            case OP_TLB -> after(flight, main.cycles, OP_TLB_DONE);
            case OP_TLB_DONE -> mainLookedUp(flight);
            case OP_HAZARD -> afterHazard(flight);
            case OP_FILL_TLB -> fillMain(flight);
            case OP_FILL_UTLB -> fillMicro(flight);
            case OP_ORDER -> leaveInOrder(flight);
            case OP_LEFT -> left(flight);
            case OP_STALL_OVER -> retried(flight);
            default -> throw new IllegalArgumentException("front end op " + op);
        }
    }

    private void after(Flight flight, int cycles, int op) {
        scheduler.at(flight.lane, clock.edgeAtOrAfter(scheduler.now()) + clock.cycles(cycles), this, op, flight.id);
    }

    // ---- in

    private void receive(Flight flight) {
        if (port.take(flight.lane, this, OP_PORT, flight.id)) {
            after(flight, flight.beats, OP_RECEIVED);
        }
    }

    private void received(Flight flight) {
        port.release();
        flight.receivedAt = scheduler.now();
        if (!device.registers().enabled()) {
            after(flight, 1, OP_DISABLED);
            return;
        }
        if (inOrder && flight.type != AddressType.TRANSLATION_REQUEST) {
            order.add(flight);
        }
        if (flight.type != AddressType.UNTRANSLATED) {
            receivedOfAts(flight);
            return;
        }
        lookUpMicro(flight);
    }

    /** Translation requests and translated transactions do not use the TLBs: these do not know EATS. */
    private void receivedOfAts(Flight flight) {
        if (flight.type == AddressType.TRANSLATED && device.ats().passesUnseen()) {
            device.ats().pass(flight);
            leaveInOrder(flight);
        } else {
            device.sharedUnit().translate(flight);
        }
    }

    /** A stalled flight is translated as if it had just arrived, on the next cycle. */
    void retry(Flight flight) {
        flight.again();
        after(flight, 1, OP_STALL_OVER);
    }

    private void retried(Flight flight) {
        if (device.registers().enabled()) {
            lookUpMicro(flight);
        } else {
            disabled(flight);
        }
    }

    /** A stalled flight has ended. */
    void release(Flight flight) {
        after(flight, 1, OP_ORDER);
    }

    private void lookUpMicro(Flight flight) {
        flight.request().enter(Station.MICRO_TLB, scheduler.now());
        if (!microOn) {
            lookUpMain(flight);
        } else if (micro.ports.take(flight.lane, this, OP_UTLB, flight.id)) {
            after(flight, micro.cycles, OP_UTLB_DONE);
        }
    }

    /** SMMUEN=0: GBPA decides, and nothing is recorded. */
    private void disabled(Flight flight) {
        if (flight.type != AddressType.UNTRANSLATED) {
            device.ats().disabled(flight);
            finish(flight);
        } else if (device.registers().globalAbort()) {
            flight.fail(DmaOutcome.ABORT, 0);
            leaveInOrder(flight);
        } else {
            flight.outcome = DmaOutcome.BYPASS;
            flight.output = flight.iova;
            leaveInOrder(flight);
        }
    }

    // ---- lookups

    private void microLookedUp(Flight flight) {
        micro.ports.release();
        if (micro.lookup(flight)) {
            leaveInOrder(flight);
        } else {
            lookUpMain(flight);
        }
    }

    private void lookUpMain(Flight flight) {
        flight.request().enter(Station.MAIN_TLB, scheduler.now());
        if (!mainOn) {
            missed(flight);
        } else if (main.ports.take(flight.lane, this, OP_TLB, flight.id)) {
            after(flight, main.cycles, OP_TLB_DONE);
        }
    }

    private void mainLookedUp(Flight flight) {
        main.ports.release();
        if (main.lookup(flight)) {
            fillMicroAtPort(flight);
        } else {
            missed(flight);
        }
    }

    /** Not here: it waits for an older miss of its page, or goes to the shared unit. */
    private void missed(Flight flight) {
        if (hazard(flight)) {
            flight.request().enter(Station.HAZARD, scheduler.now());
            hazardWaiters.add(flight);
        } else {
            miss(flight);
        }
    }

    // ---- misses

    private boolean hazard(Flight flight) {
        for (Flight other = firstMiss; other != null; other = other.missNext) {
            if (other.iova >>> 12 == flight.iova >>> 12
                    && (!byStream || other.sid == flight.sid && other.ssid == flight.ssid)) {
                return true;
            }
        }
        return false;
    }

    private void afterHazard(Flight flight) {
        if (hazard(flight)) {
            hazardWaiters.add(flight);
        } else {
            lookUpMain(flight);
        }
    }

    private void miss(Flight flight) {
        flight.request().missed();
        flight.missPrevious = lastMiss;
        flight.missNext = null;
        if (lastMiss == null) {
            firstMiss = flight;
        } else {
            lastMiss.missNext = flight;
        }
        lastMiss = flight;
        device.sharedUnit().translate(flight);
    }

    /** The shared unit's answer is here, or its refusal. */
    void answered(Flight flight) {
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            finish(flight);
            return;
        }
        if (flight.type == AddressType.TRANSLATED) {
            leaveInOrder(flight);
            return;
        }
        if (flight.stalling) {
            releaseHazard(flight);
            device.stalls().hold(flight);
            return;
        }
        if (flight.failed() || flight.stale) {
            releaseHazard(flight);
            leaveInOrder(flight);
            return;
        }
        if (!mainOn) {
            releaseHazard(flight);
            fillMicroAtPort(flight);
        } else if (main.ports.take(flight.lane, this, OP_FILL_TLB, flight.id)) {
            fillMain(flight);
        }
    }

    private void fillMain(Flight flight) {
        main.ports.release();
        // It may have become stale while it waited for a port.
        if (!flight.stale) {
            main.fill(flight);
        }
        releaseHazard(flight);
        fillMicroAtPort(flight);
    }

    private void releaseHazard(Flight flight) {
        Flight before = flight.missPrevious;
        Flight behind = flight.missNext;
        if (before == null) {
            firstMiss = behind;
        } else {
            before.missNext = behind;
        }
        if (behind == null) {
            lastMiss = before;
        } else {
            behind.missPrevious = before;
        }
        flight.missPrevious = null;
        flight.missNext = null;
        wakeAll(hazardWaiters, OP_HAZARD);
    }

    private void fillMicroAtPort(Flight flight) {
        if (!microOn) {
            leaveInOrder(flight);
        } else if (micro.ports.take(flight.lane, this, OP_FILL_UTLB, flight.id)) {
            fillMicro(flight);
        }
    }

    private void fillMicro(Flight flight) {
        micro.ports.release();
        if (!flight.stale) {
            micro.fill(flight);
        }
        leaveInOrder(flight);
    }

    private void wakeAll(FlightList waiters, int op) {
        for (Flight f = waiters.poll(); f != null; f = waiters.poll()) {
            scheduler.after(f.lane, 0, this, op, f.id);
        }
    }

    // ---- out

    private void leaveInOrder(Flight flight) {
        if (flight.ordered) {
            if (order.hasOlder(flight)) {
                flight.request().enter(Station.ORDER_WAIT, scheduler.now());
                order.waiters(flight).add(flight);
                return;
            }
            order.remove(flight);
            wakeAll(order.waiters(flight), OP_ORDER);
        }
        if (flight.failed()) {
            finish(flight);
        } else {
            leave(flight);
        }
    }

    private void leave(Flight flight) {
        flight.request().enter(Station.PORT, scheduler.now());
        int beats = memoryPort.beats(flight.request().bytes(), flight.request().write());
        memoryPort.pass(flight.lane, beats, this, OP_LEFT, flight.id);
    }

    private void left(Flight flight) {
        finish(flight);
    }

    private void finish(Flight flight) {
        door.leave(flight);
        for (Flight next = door.admitNext(); next != null; next = door.admitNext()) {
            scheduler.after(next.lane, 0, this, OP_ADMITTED, next.id);
        }
        device.inviteRefused();
        device.translated(flight);
    }
}
