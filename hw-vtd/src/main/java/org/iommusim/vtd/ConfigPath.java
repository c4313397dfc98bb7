package org.iommusim.vtd;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.ConfigFetches;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.vtd.format.ContextDecoder;
import org.iommusim.vtd.format.PasidDecoder;
import org.iommusim.vtd.format.ScalableContextDecoder;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Reg;

/**
 * Finds a request's configuration: the context entry of its source and, in scalable mode, the PASID table entry of its PASID,
 * out of the caches or from memory, and checks them in the architecture's order (root, context, its flags, PASID directory,
 * PASID entry, its flags).
 *
 * <p>Only entries that passed all checks are kept, and with caching mode (CAP.CM) also that there is none, or one in error. An
 * entry that could not be read is never kept.
 */
final class ConfigPath implements EventHandler, ConfigFetches.Client<Flight> {
    private static final int OP_CONTEXT = 0;
    private static final int OP_CONTEXT_DONE = 1;
    private static final int OP_CONTEXT_FILL = 2;
    private static final int OP_PASID = 3;
    private static final int OP_PASID_DONE = 4;
    private static final int OP_PASID_FILL = 5;
    private static final int OP_AGAIN = 6;

    private final VtdDevice device;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final Cap cap;
    private final int haw;
    private final ContextCache contexts;
    private final PasidCache pasids;
    private final ConfigFetch fetch;
    private final ConfigFetches<Flight> fetches;

    ConfigPath(
            VtdDevice device,
            Simulation sim,
            String name,
            VtdParameters p,
            Cap cap,
            RequestPort port,
            PhysicalMemory memory) {
        this.device = device;
        this.cap = cap;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        haw = p.value("haw");
        contexts = new ContextCache(sim, name + ".context", p, device.staleUse());
        pasids = new PasidCache(sim, name + ".pasid", p, device.staleUse());
        fetch = new ConfigFetch(device, this, sim, name, p, port, memory);
        Statistics statistics = sim.statistics().under(name);
        fetches = new ConfigFetches<>(
                this,
                device.flights(),
                scheduler,
                name + " fetches",
                p.value("fetch_slots"),
                p.flag("merge_fetches") && contexts.cache.on && pasids.cache.on,
                p.wakeRule(),
                statistics.counter("merged_fetches", "requests", "requests that waited for another's configuration"));
    }

    void invalidate(Invalidation what) {
        if (what.concernsContexts()) {
            contexts.entries().invalidate(what.contexts());
        } else if (what.concernsPasids()) {
            pasids.entries().invalidate(what.pasids());
        }
    }

    /** Starts; ends in {@link Translator#translate}, or in {@link org.iommusim.hw.pipeline.RequestPath#answered} with a fault. */
    void start(Flight flight) {
        flight.again();
        device.staleUse().begin(flight);
        int mode = device.registers().tableMode();
        flight.scalable = mode == Reg.TTM_SCALABLE;
        int reason = mode(flight, mode);
        if (reason != FaultReason.NONE) {
            refuse(flight, reason);
        } else if (!contexts.cache.on) {
            startFetch(flight);
        } else {
            flight.request().enter(Station.CONFIG_CACHE, scheduler.now());
            if (contexts.cache.ports.take(flight.lane, this, OP_CONTEXT, flight.id)) {
                after(flight, contexts.cache.cycles, OP_CONTEXT_DONE);
            }
        }
    }

    /** What the mode of the root table says to a request: 0 or a reason. */
    private int mode(Flight flight, int mode) {
        if (mode == Reg.TTM_LEGACY) {
            boolean page = flight.pageRequest != null;
            int other = page ? FaultReason.SM_TTM_GROUP : FaultReason.NONE;
            return flight.substream >= 0 ? FaultReason.SM_TTM_PASID : other;
        }
        if (mode == Reg.TTM_SCALABLE && cap.smts()) {
            return FaultReason.NONE;
        }
        return mode == Reg.TTM_ABORT && cap.adms() ? FaultReason.SM_ABORT_MODE : FaultReason.SM_TTM;
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_CONTEXT -> after(flight, contexts.cache.cycles, OP_CONTEXT_DONE);
            case OP_CONTEXT_DONE -> contextLookedUp(flight);
            case OP_CONTEXT_FILL -> fillContext(flight);
            case OP_PASID -> after(flight, pasids.cache.cycles, OP_PASID_DONE);
            case OP_PASID_DONE -> pasidLookedUp(flight);
            case OP_PASID_FILL -> fillPasid(flight);
            case OP_AGAIN -> start(flight);
            default -> throw new IllegalArgumentException("config path op " + op);
        }
    }

    private void after(Flight flight, int cycles, int op) {
        scheduler.at(flight.lane, edges.after(scheduler.now(), cycles), this, op, flight.id);
    }

    // ---- reading

    private void startFetch(Flight flight) {
        flight.usesContext = true;
        if (!fetches.start(flight)) {
            flight.usesContext = false; // it will look for everything again
            flight.usesPasid = false;
        }
    }

    @Override
    public void fetch(Flight flight) {
        if (flight.contextKnown) {
            fetch.pasid(flight);
        } else {
            fetch.context(flight);
        }
    }

    /** A translated request reads no PASID entry. */
    @Override
    public boolean shares(Flight flight) {
        return flight.type != AddressType.TRANSLATED;
    }

    @Override
    public void findAgain(Flight flight) {
        scheduler.after(flight.lane, 0, this, OP_AGAIN, flight.id);
    }

    // ---- context entry

    private void contextLookedUp(Flight flight) {
        contexts.cache.ports.release();
        if (!contexts.lookup(flight, flight.scalable)) {
            startFetch(flight);
            return;
        }
        flight.usesContext = true;
        int kept = flight.code;
        flight.code = FaultReason.NONE;
        int reason = decodeContext(flight);
        contextDone(flight, kept == FaultReason.NONE ? reason : kept);
    }

    /** The context entry is read. */
    void contextRead(Flight flight) {
        contextFetched(flight, decodeContext(flight));
    }

    /** The context entry is read and decoded, or cannot be: {@code reason} says why. */
    void contextFetched(Flight flight, int reason) {
        flight.code = reason;
        if (!contexts.cache.on || flight.stale || !keeps(reason)) {
            fetchedContextDone(flight);
        } else if (contexts.cache.ports.take(flight.lane, this, OP_CONTEXT_FILL, flight.id)) {
            fillContext(flight);
        }
    }

    /** True if what was found is kept. */
    private boolean keeps(int reason) {
        boolean unread = reason == FaultReason.ROOT_ACCESS
                || reason == FaultReason.CONTEXT_ACCESS
                || reason == FaultReason.SM_ROOT_ACCESS
                || reason == FaultReason.SM_CONTEXT_ACCESS
                || reason == FaultReason.PASID_DIR_ACCESS
                || reason == FaultReason.PASID_ACCESS;
        return reason == FaultReason.NONE || cap.cm() && !unread;
    }

    private void fillContext(Flight flight) {
        contexts.cache.ports.release();
        // It may have become stale while it waited for a port.
        if (!flight.stale) {
            contexts.fill(flight, flight.scalable, flight.code);
        }
        fetchedContextDone(flight);
    }

    private void fetchedContextDone(Flight flight) {
        int reason = flight.code;
        flight.code = FaultReason.NONE;
        contextDone(flight, reason);
    }

    private int decodeContext(Flight flight) {
        if (flight.scalable) {
            return ScalableContextDecoder.decode(flight.context, cap, haw, flight.function);
        }
        int reason = ContextDecoder.decode(flight.context, cap, haw, flight.config);
        return named(flight, reason);
    }

    /** Now it is known whose tables a flight will use; or never, if its entry is of no use. */
    private int named(Flight flight, int reason) {
        flight.did = reason == FaultReason.NONE ? flight.config.did : -1;
        device.staleUse().tables(flight, flight.did, flight.pasid, false);
        return reason;
    }

    private void contextDone(Flight flight, int reason) {
        if (reason != FaultReason.NONE) {
            refuse(flight, reason);
        } else if (flight.scalable) {
            scalable(flight);
        } else if (flight.type != AddressType.UNTRANSLATED && !flight.config.ats) {
            refuse(flight, FaultReason.BLOCKED_TT);
        } else {
            done(flight);
        }
    }

    private void scalable(Flight flight) {
        boolean ats = flight.type != AddressType.UNTRANSLATED && flight.pageRequest == null;
        int reason = ScalableContextDecoder.admit(flight.function, flight.substream, ats, flight.pageRequest != null);
        if (reason == FaultReason.NONE && flight.substream >= 0 && flight.substream >>> cap.pasidBits() != 0) {
            reason = FaultReason.SM_PASID_RANGE;
        }
        if (reason != FaultReason.NONE) {
            refuse(flight, reason);
            return;
        }
        if (flight.type == AddressType.TRANSLATED) {
            done(flight);
            return;
        }
        flight.contextKnown = true;
        flight.pasid = flight.substream >= 0 ? flight.substream : flight.function.ridPasid;
        findPasid(flight);
    }

    // ---- PASID entry

    private void findPasid(Flight flight) {
        if (!pasids.cache.on) {
            readPasid(flight);
            return;
        }
        flight.request().enter(Station.CONFIG_CACHE, scheduler.now());
        if (pasids.cache.ports.take(flight.lane, this, OP_PASID, flight.id)) {
            after(flight, pasids.cache.cycles, OP_PASID_DONE);
        }
    }

    private void pasidLookedUp(Flight flight) {
        pasids.cache.ports.release();
        if (!pasids.lookup(flight)) {
            readPasid(flight);
            return;
        }
        flight.usesPasid = true;
        int kept = flight.code;
        flight.code = FaultReason.NONE;
        int reason = decodePasid(flight);
        pasidDone(flight, kept == FaultReason.NONE ? reason : kept);
    }

    private void readPasid(Flight flight) {
        flight.usesPasid = true;
        if (fetches.has(flight)) {
            fetch.pasid(flight);
        } else {
            startFetch(flight);
        }
    }

    /** The PASID entry is read. */
    void pasidRead(Flight flight) {
        pasidFetched(flight, decodePasid(flight));
    }

    /** The PASID entry is read and decoded, or cannot be: {@code reason} says why. */
    void pasidFetched(Flight flight, int reason) {
        flight.code = reason;
        if (!pasids.cache.on || flight.stale || !keeps(reason)) {
            fetchedPasidDone(flight);
        } else if (pasids.cache.ports.take(flight.lane, this, OP_PASID_FILL, flight.id)) {
            fillPasid(flight);
        }
    }

    private void fillPasid(Flight flight) {
        pasids.cache.ports.release();
        if (!flight.stale) {
            pasids.fill(flight, flight.code);
        }
        fetchedPasidDone(flight);
    }

    private void fetchedPasidDone(Flight flight) {
        int reason = flight.code;
        flight.code = FaultReason.NONE;
        pasidDone(flight, reason);
    }

    private int decodePasid(Flight flight) {
        int reason = PasidDecoder.decode(flight.pasidEntry, cap, haw, flight.config);
        return named(flight, reason);
    }

    private void pasidDone(Flight flight, int reason) {
        int why = reason == FaultReason.NONE
                ? PasidDecoder.admit(flight.config, flight.executes(), flight.privileged())
                : reason;
        if (why == FaultReason.NONE) {
            done(flight);
        } else {
            refuse(flight, why);
        }
    }

    // ---- end

    private void done(Flight flight) {
        fetches.end(flight);
        flight.firstStage = flight.config.first();
        flight.secondStage = flight.config.second();
        device.translator().translate(flight);
    }

    private void refuse(Flight flight, int reason) {
        fetches.end(flight);
        flight.fail(DmaOutcome.FAULT, reason);
        device.faultReport().refused(flight);
        device.path().answered(flight);
    }
}
