package org.iommusim.vtd;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.Misses;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.vtd.format.FaultReasons;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;

/**
 * From a request's configuration to its answer: pass-through, IOTLB, or a walk in a walk slot. A miss waits while an older
 * miss of the same page and tables is under way, and then looks the IOTLB up again. Translation requests do not use the
 * IOTLB: what they ask for is more than one access.
 */
final class Translator implements EventHandler {
    private static final int OP_LOOKUP = 0;
    private static final int OP_LOOKED_UP = 1;
    private static final int OP_HAZARD = 2;
    private static final int OP_WALK = 3;
    private static final int OP_WALKED = 4;
    private static final int OP_FILL = 5;
    private static final int OP_FILLED = 6;

    private static final int SMALLEST_SHIFT = 12;
    /** Every access: an entry in error forbids them all. */
    private static final int ALL = 0xff;

    private final VtdDevice device;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final boolean cachesAbsent;
    private final boolean wholePages;
    private final boolean merges;
    private final boolean blocking;
    private final Iotlb iotlb;
    private final Misses<Flight> misses = new Misses<>(Translator::sameTables);
    private final Slots walks;
    private final WalkEngine walker;
    private final AtsUnit ats;

    Translator(VtdDevice device, String name, IommuHost host, VtdParameters p, Cap cap, RequestPort port) {
        this.device = device;
        Simulation sim = host.simulation();
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        cachesAbsent = cap.cm();
        ats = new AtsUnit(cap);
        wholePages = p.flag("interrupt_range_pages");
        merges = p.flag("merge_misses");
        blocking = p.flag("blocking_misses");
        iotlb = new Iotlb(sim, name + ".iotlb", p, device.staleUse());
        walks = new Slots(scheduler, name + " walks", p.value("walk_slots"), p.wakeRule());
        walker = new WalkEngine(
                sim,
                name + ".walker",
                p.clock(),
                port,
                host.memory(),
                p.walkCaches(),
                null,
                p.wakeRule(),
                device.staleUse().checker());
        walker.cache().pointersOnly();
        if (p.flag("merge_walks")) {
            walker.mergeReads();
        }
    }

    private static boolean sameTables(Flight one, Flight other) {
        return one.did == other.did && one.pasid == other.pasid && one.firstStage == other.firstStage;
    }

    /** Gives a new flight its place in the walker. */
    void attach(Flight flight) {
        flight.attach(walker.newWalk(flight.lane, this, OP_WALKED, flight.id));
        device.staleUse().attach(flight);
    }

    void invalidate(Invalidation what) {
        if (what.concernsTables()) {
            iotlb.entries().invalidate(what.translations());
            walker.cache().entries().invalidate(what.pointers());
        }
    }

    /** A flight has its configuration; ends in {@link RequestPath#answered}. */
    void translate(Flight flight) {
        device.staleUse().tables(flight, flight.did, flight.pasid, flight.firstStage);
        if (flight.pageRequest != null) {
            answered(flight);
        } else if (flight.type == AddressType.TRANSLATED) {
            translated(flight);
        } else if (flight.config.passThrough()) {
            passThrough(flight);
        } else if (flight.type == AddressType.TRANSLATION_REQUEST) {
            toWalk(flight);
        } else {
            lookUp(flight);
        }
    }

    /** The address comes out of an earlier answer: it is only looked at for its width. */
    private void translated(Flight flight) {
        if (flight.iova >>> device.hostAddressBits() != 0) {
            flight.fail(DmaOutcome.ABORT, FaultReason.NONE);
        } else {
            flight.outcome = DmaOutcome.OK;
            flight.output = flight.iova;
        }
        answered(flight);
    }

    private void passThrough(Flight flight) {
        boolean wide = flight.iova >>> flight.config.addressBits != 0;
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            ats.answerPassThrough(flight, wide);
        } else if (wide) {
            fault(flight, flight.scalable ? FaultReason.SM_BEYOND_MGAW : FaultReason.BEYOND_MGAW);
            return;
        } else {
            flight.outcome = DmaOutcome.BYPASS;
            flight.output = flight.iova;
            flight.pageShift = SMALLEST_SHIFT;
        }
        finish(flight);
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_LOOKUP -> after(flight, iotlb.cycles, OP_LOOKED_UP);
            case OP_LOOKED_UP -> lookedUp(flight);
            case OP_HAZARD -> afterHazard(flight);
            case OP_WALK -> walk(flight);
            case OP_WALKED -> walked(flight);
            case OP_FILL -> fill(flight);
            case OP_FILLED -> filled(flight);
            default -> throw new IllegalArgumentException("translator op " + op);
        }
    }

    private void after(Flight flight, int cycles, int op) {
        scheduler.at(flight.lane, edges.after(scheduler.now(), cycles), this, op, flight.id);
    }

    // ---- IOTLB

    private void lookUp(Flight flight) {
        flight.request().enter(Station.MAIN_TLB, scheduler.now());
        if (!iotlb.on) {
            missed(flight);
        } else if (iotlb.ports.take(flight.lane, this, OP_LOOKUP, flight.id)) {
            after(flight, iotlb.cycles, OP_LOOKED_UP);
        }
    }

    private void lookedUp(Flight flight) {
        boolean hit = iotlb.lookup(flight, flight.access());
        flight.blocks = blocking && !hit && !(merges && misses.hazard(flight));
        if (!flight.blocks) {
            iotlb.ports.release();
        }
        if (!hit) {
            missed(flight);
        } else if (flight.code != FaultReason.NONE) {
            fault(flight, flight.code);
        } else {
            finish(flight);
        }
    }

    private void missed(Flight flight) {
        if (merges && misses.hazard(flight)) {
            flight.request().enter(Station.HAZARD, scheduler.now());
            misses.waiters.add(flight);
        } else {
            flight.request().missed();
            misses.add(flight);
            toWalk(flight);
        }
    }

    private void afterHazard(Flight flight) {
        if (misses.hazard(flight)) {
            misses.waiters.add(flight);
        } else {
            lookUp(flight);
        }
    }

    private void missOver(Flight flight) {
        if (flight.type == AddressType.TRANSLATION_REQUEST) {
            return;
        }
        misses.remove(flight);
        for (Flight f = misses.waiters.poll(); f != null; f = misses.waiters.poll()) {
            scheduler.after(f.lane, 0, this, OP_HAZARD, f.id);
        }
    }

    // ---- walk

    private void toWalk(Flight flight) {
        flight.request().enter(Station.WALK_WAIT, scheduler.now());
        if (walks.take(flight.lane, this, OP_WALK, flight.id)) {
            walk(flight);
        }
    }

    private void walk(Flight flight) {
        if (flight.blocks) {
            flight.blocks = false;
            iotlb.ports.release();
        }
        Walk walk = flight.walk();
        walk.request(flight.request());
        walk.stage1().copyFrom(flight.config.stage1);
        walk.stage2().copyFrom(flight.config.stage2);
        flight.tablesFrom = flight.trail == null ? 0 : flight.trail.size();
        Iotlb.name(flight, walk);
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        walker.translate(walk, flight.iova, request ? ats.access(flight) : flight.access());
        if (flight.stale) {
            walk.forbidRefill();
        }
    }

    private void walked(Flight flight) {
        Walk walk = flight.walk();
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        boolean failed = walk.fault() != WalkFault.NONE;
        if (request && walk.fault() == WalkFault.PERMISSION && ats.tryAgain(flight)) {
            walk(flight); // in the same walk slot
            return;
        }
        walks.release();
        if (failed) {
            walkFailed(flight, request);
            return;
        }
        takeAnswer(flight, walk);
        if (request) {
            ats.answer(flight);
            finish(flight);
        } else if (!iotlb.on || flight.stale) {
            missOver(flight);
            finish(flight);
        } else if (iotlb.ports.take(flight.lane, this, OP_FILL, flight.id)) {
            fill(flight);
        }
    }

    private void takeAnswer(Flight flight, Walk walk) {
        flight.outcome = DmaOutcome.OK;
        flight.output = walk.output();
        flight.pageShift = walk.pageShift();
        flight.firstShift = walk.stage1Shift();
        flight.permissions = walk.permissions();
        flight.global = flight.firstStage && walk.global();
        flight.firstAttributes = walk.stage1Attributes();
        flight.secondAttributes = walk.stage2Attributes();
        device.staleUse().everywhere(flight, flight.global);
    }

    private void walkFailed(Flight flight, boolean request) {
        Walk walk = flight.walk();
        if (request && AtsUnit.isNoGrant(walk.fault())) {
            ats.refuse(flight);
            finish(flight);
            return;
        }
        int reason = FaultReasons.of(flight.config, walk, request ? ats.access(flight) : flight.access());
        flight.code = reason;
        if (request || !keepsAbsent(flight, walk)) {
            missOver(flight);
            fault(flight, reason);
        } else if (iotlb.ports.take(flight.lane, this, OP_FILL, flight.id)) {
            fill(flight);
        }
    }

    /** Caching mode is about second stages alone: entries of a first stage may become present without a word. */
    private boolean keepsAbsent(Flight flight, Walk walk) {
        boolean content = walk.fault() == WalkFault.PERMISSION || walk.fault() == WalkFault.RESERVED_BIT;
        return cachesAbsent && content && iotlb.on && !flight.firstStage && !flight.stale;
    }

    /** Takes the port as long as it lasts. */
    private void fill(Flight flight) {
        if (iotlb.fillCycles == 0) {
            filled(flight);
        } else {
            after(flight, iotlb.fillCycles, OP_FILLED);
        }
    }

    private void filled(Flight flight) {
        iotlb.ports.release();
        boolean failed = flight.code != FaultReason.NONE;
        if (flight.stale) {
            // It became stale while it waited for a port, or while it was being filled.
        } else if (failed) {
            int refused = flight.walk().refused();
            flight.permissions = refused == 0 ? ALL : refused;
            flight.pageShift = SMALLEST_SHIFT;
            iotlb.fillAbsent(flight);
        } else {
            iotlb.fill(flight);
        }
        missOver(flight);
        if (failed) {
            fault(flight, flight.code);
        } else {
            finish(flight);
        }
    }

    // ---- end

    private void fault(Flight flight, int reason) {
        flight.fail(DmaOutcome.FAULT, reason);
        device.faultReport().refused(flight);
        answered(flight);
    }

    /** There is an answer; but nobody reaches the interrupt range by translation. */
    private void finish(Flight flight) {
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        if (!reachesInterrupts(flight)) {
            answered(flight);
        } else if (request) {
            ats.refuse(flight);
            answered(flight);
        } else {
            fault(flight, flight.scalable ? FaultReason.SM_OUTPUT_INTERRUPT_RANGE : FaultReason.OUTPUT_INTERRUPT_RANGE);
        }
    }

    private boolean reachesInterrupts(Flight flight) {
        if (flight.outcome != DmaOutcome.OK && flight.outcome != DmaOutcome.BYPASS) {
            return false;
        }
        boolean page = wholePages || flight.type == AddressType.TRANSLATION_REQUEST;
        long offset = page ? (1L << flight.pageShift) - 1 : 0;
        long from = flight.output & ~offset;
        long to = page ? from | offset : from + flight.request().bytes() - 1;
        return from <= Irte.MESSAGE_LAST && to >= Irte.MESSAGE_FIRST;
    }

    private void answered(Flight flight) {
        device.path().answered(flight);
    }
}
