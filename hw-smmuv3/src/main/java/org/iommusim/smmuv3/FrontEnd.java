package org.iommusim.smmuv3;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.Door;
import org.iommusim.hw.pipeline.Misses;
import org.iommusim.hw.pipeline.OrderLists;
import org.iommusim.hw.pipeline.RefusedSource;
import org.iommusim.hw.pipeline.WaitingList;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.time.ClockDomain;
import org.iommusim.sim.time.ClockEdges;

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
    private static final int OP_STALL_OVER = 14;
    private static final int OP_AHEAD = 15;

    private final Smmuv3Device device;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final RequestPort memoryPort;
    private final Door<Flight> door;
    private final Slots port;
    private final Tlb micro;
    private final Tlb main;
    private final boolean microOn;
    private final boolean mainOn;
    private final boolean inOrder;
    private final boolean prefetches;
    private final OrderLists<Flight> order = new OrderLists<>();
    private final Misses<Flight> misses;
    private final RefusedSource refused;

    FrontEnd(Smmuv3Device device, Simulation sim, String name, Smmuv3Parameters p, RequestPort memoryPort) {
        this.device = device;
        this.memoryPort = memoryPort;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        door = new Door<>(p.value("tbu_slots"), p.value("write_beats"), p.flag("gem5_quirks"));
        port = new Slots(scheduler, name + " port", 1, p.wakeRule());
        prefetches = p.flag("prefetch");
        boolean reserve = prefetches && p.flag("prefetch_reserve_last_way");
        micro = new Tlb(sim, name + ".utlb", p, "utlb", false, device.staleUse());
        main = new Tlb(sim, name + ".tlb", p, "tlb", reserve, device.staleUse());
        microOn = p.flag("utlb");
        mainOn = p.flag("tlb");
        inOrder = p.flag("in_order");
        misses = new Misses<>(p.flag("hazard_by_stream") ? FrontEnd::sameStream : (one, other) -> true);
        refused = new RefusedSource(
                scheduler,
                new ClockEdges(new ClockDomain(p.frontEndClockPs())),
                scheduler.newLane(name + " retries", Phase.HARDWARE));
    }

    private static boolean sameStream(Flight one, Flight other) {
        return one.sid == other.sid && one.substream == other.substream;
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

    /** True if a flight with so many beats of data of its own need not wait at the door. */
    boolean hasRoom(int dataBeats) {
        return door.hasRoom(dataBeats);
    }

    /** Whoever found no room here. */
    RefusedSource refused() {
        return refused;
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_ADMITTED, OP_AHEAD -> receive(flight);
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
        scheduler.at(flight.lane, edges.after(scheduler.now(), cycles), this, op, flight.id);
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
        if (flight.prefetch) {
            aheadReceived(flight);
            return;
        }
        if (!device.registers().enabled()) {
            flight.request().enter(Station.PORT, scheduler.now());
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

    /** SMMUEN=0: GBPA decides, and nothing is recorded, not even that an address is too wide to pass. */
    private void disabled(Flight flight) {
        if (flight.type != AddressType.UNTRANSLATED) {
            device.ats().disabled(flight);
            finish(flight);
        } else if (device.registers().globalAbort()
                || flight.iova >>> device.ids().oasBits() != 0) {
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
        boolean hit = main.lookup(flight);
        if (flight.prefetch) {
            aheadLookedUp(flight, hit);
        } else if (hit) {
            if (flight.hitPrefetched) {
                lookAhead(flight);
            }
            fillMicroAtPort(flight);
        } else {
            missed(flight);
        }
    }

    /** Not here: it waits for an older miss of its page, or goes to the shared unit. */
    private void missed(Flight flight) {
        if (misses.hazard(flight)) {
            flight.request().enter(Station.HAZARD, scheduler.now());
            misses.waiters.add(flight);
        } else {
            miss(flight);
        }
    }

    // ---- misses

    private void afterHazard(Flight flight) {
        if (misses.hazard(flight)) {
            misses.waiters.add(flight);
        } else {
            lookUpMain(flight);
        }
    }

    private void miss(Flight flight) {
        flight.request().missed();
        misses.add(flight);
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
            translationOver(flight);
            return;
        }
        if (!mainOn) {
            mainFilled(flight);
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
        mainFilled(flight);
    }

    private void mainFilled(Flight flight) {
        if (!flight.prefetch) {
            lookAhead(flight);
        }
        translationOver(flight);
    }

    /** Younger misses of its page may go on. */
    private void translationOver(Flight flight) {
        releaseHazard(flight);
        if (flight.prefetch) {
            aheadOver(flight);
        } else if (flight.failed() || flight.stale) {
            leaveInOrder(flight);
        } else {
            fillMicroAtPort(flight);
        }
    }

    private void releaseHazard(Flight flight) {
        misses.remove(flight);
        wakeAll(misses.waiters, OP_HAZARD);
    }

    // ---- translating ahead

    /** Translates the page behind a flight's, if there is a slot; it begins at the next cycle. */
    private void lookAhead(Flight flight) {
        if (prefetches && door.hasSlot()) {
            door.takeSlot();
            after(device.ahead(flight), 1, OP_AHEAD);
        }
    }

    /** Nobody needs it if somebody is at it already, or if the page is known. */
    private void aheadReceived(Flight flight) {
        if (!device.registers().enabled() || misses.hazard(flight)) {
            aheadOver(flight);
        } else if (mainOn) {
            lookUpMain(flight);
        } else {
            miss(flight);
        }
    }

    private void aheadLookedUp(Flight flight, boolean hit) {
        if (hit) {
            aheadOver(flight);
        } else {
            miss(flight);
        }
    }

    /** It gives back its slot. Sources that were refused are not told, as in gem5: something else will tell them. */
    private void aheadOver(Flight flight) {
        giveBack(flight);
        device.aheadDone(flight);
    }

    // ---- micro TLB

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

    private void wakeAll(WaitingList<Flight> waiters, int op) {
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
        giveBack(flight);
        device.inviteRefused();
        device.translated(flight);
    }

    private void giveBack(Flight flight) {
        door.leave(flight);
        for (Flight next = door.admitNext(); next != null; next = door.admitNext()) {
            scheduler.after(next.lane, 0, this, OP_ADMITTED, next.id);
        }
    }
}
