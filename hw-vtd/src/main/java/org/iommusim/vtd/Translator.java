package org.iommusim.vtd;

import org.iommusim.hw.ats.GrantAttempts;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pipeline.TranslationPath;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.vtd.format.FaultReasons;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Irte;

/**
 * From a request's configuration to its answer: pass-through, or the {@link TranslationPath} through IOTLB and walk. Translation
 * requests are walked for, and asked again with less where everything is not allowed.
 */
final class Translator implements EventHandler, TranslationPath.Client<Flight> {
    private static final int SMALLEST_SHIFT = 12;
    /** Every access: an entry in error forbids them all. */
    private static final int ALL = 0xff;

    private final VtdDevice device;
    private final boolean cachesAbsent;
    private final boolean wholePages;
    private final Iotlb iotlb;
    private final TranslationPath<Flight> path;
    private final WalkEngine walker;
    private final AtsUnit ats;

    Translator(VtdDevice device, String name, IommuHost host, VtdParameters p, Cap cap, RequestPort port) {
        this.device = device;
        Simulation sim = host.simulation();
        cachesAbsent = cap.cm();
        ats = new AtsUnit(cap);
        wholePages = p.flag("interrupt_range_pages");
        iotlb = new Iotlb(sim, name + ".iotlb", p, device.staleUse());
        path = new TranslationPath<>(this, device.flights(), sim.scheduler(), name, p, p.wakeRule());
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

    @Override
    public boolean sameTables(Flight one, Flight other) {
        return one.did == other.did && one.pasid == other.pasid && one.firstStage == other.firstStage;
    }

    /** Gives a new flight its place in the walker. */
    void attach(Flight flight) {
        flight.attach(walker.newWalk(flight.lane, this, 0, flight.id));
        device.staleUse().attach(flight);
    }

    void invalidate(Invalidation what) {
        if (what.concernsTables()) {
            iotlb.entries().invalidate(what.translations());
            walker.cache().entries().invalidate(what.pointers());
        }
    }

    /** A flight has its configuration; ends in {@link org.iommusim.hw.pipeline.RequestPath#answered}. */
    void translate(Flight flight) {
        device.staleUse().tables(flight, flight.did, flight.pasid, flight.firstStage);
        if (flight.pageRequest != null) {
            answered(flight);
        } else if (flight.type == AddressType.TRANSLATED) {
            translated(flight);
        } else if (flight.config.passThrough()) {
            passThrough(flight);
        } else {
            path.start(flight);
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

    // ---- IOTLB

    @Override
    public boolean lookUp(Flight flight) {
        return iotlb.lookup(flight, flight.access());
    }

    @Override
    public void hit(Flight flight) {
        settled(flight);
    }

    // ---- walk

    @Override
    public void walk(Flight flight) {
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

    @Override
    public void onEvent(int op, long arg) {
        walked(device.flight((int) arg));
    }

    private void walked(Flight flight) {
        Walk walk = flight.walk();
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        boolean failed = walk.fault() != WalkFault.NONE;
        if (request && walk.fault() == WalkFault.PERMISSION && ats.tryAgain(flight)) {
            walk(flight); // in the same walk slot
            return;
        }
        if (failed) {
            walkFailed(flight, request);
            return;
        }
        takeAnswer(flight, walk);
        if (request) {
            ats.answer(flight);
        }
        path.settle(flight, true);
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
        if (request && GrantAttempts.isNoGrant(walk.fault())) {
            ats.refuse(flight);
        } else {
            flight.code = FaultReasons.of(flight.config, walk, request ? ats.access(flight) : flight.access());
        }
        path.settle(flight, keepsAbsent(flight, walk));
    }

    /** Caching mode is about second stages alone: entries of a first stage may become present without a word. */
    private boolean keepsAbsent(Flight flight, Walk walk) {
        boolean content = walk.fault() == WalkFault.PERMISSION || walk.fault() == WalkFault.RESERVED_BIT;
        return cachesAbsent && content && !flight.firstStage;
    }

    @Override
    public void fill(Flight flight) {
        if (flight.code == FaultReason.NONE) {
            iotlb.fill(flight);
        } else {
            int refused = flight.walk().refused();
            flight.permissions = refused == 0 ? ALL : refused;
            flight.pageShift = SMALLEST_SHIFT;
            iotlb.fillAbsent(flight);
        }
    }

    @Override
    public void settled(Flight flight) {
        if (flight.code == FaultReason.NONE) {
            finish(flight);
        } else {
            fault(flight, flight.code);
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
