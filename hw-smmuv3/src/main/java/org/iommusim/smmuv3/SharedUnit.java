package org.iommusim.smmuv3;

import java.util.Objects;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.ConfigFetches;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.IpaCache;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockEdges;
import org.iommusim.smmuv3.format.StreamConfig;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.jspecify.annotations.Nullable;

/**
 * The translation control unit: what all front ends share. A miss takes a translation slot, crosses the link, finds its
 * configuration, walks the tables in a walk slot, and crosses the link back; the slot is held all the way.
 */
final class SharedUnit implements EventHandler, ConfigFetches.Client<Flight> {
    private static final int OP_SLOT = 0;
    private static final int OP_UP = 1;
    private static final int OP_UP_SENT = 2;
    private static final int OP_ARRIVED = 3;
    private static final int OP_CONFIG = 4;
    private static final int OP_CONFIG_DONE = 5;
    private static final int OP_CONFIG_FILL = 6;
    private static final int OP_WALK = 7;
    private static final int OP_WALKED = 8;
    private static final int OP_DOWN = 9;
    private static final int OP_DOWN_SENT = 10;
    private static final int OP_RETURNED = 11;
    private static final int OP_TLB = 12;
    private static final int OP_TLB_DONE = 13;
    private static final int OP_TLB_FILL = 14;

    /** Bit of a stage-1 tag in the walk cache: the entry belongs to EL2. */
    static final long TAG_EL2 = 1L << 32;

    private final Smmuv3Device device;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final IdRegs ids;
    private final Slots slots;
    private final Slots linkUp;
    private final Slots linkDown;
    private final int upCycles;
    private final int downCycles;
    private final ConfigCache configs;
    private final @Nullable SharedTlb tlb;
    private final Gem5Checks checks;
    private final boolean bypassOnePage;
    private final ConfigFetch fetch;
    private final ConfigFetches<Flight> configWalks;
    private final FaultReport faults;
    private final AtsUnit ats;
    private final Slots walks;
    private final @Nullable IpaCache ipas;
    private final WalkEngine walker;

    SharedUnit(Smmuv3Device device, String name, IommuHost host, Smmuv3Parameters p, IdRegs ids, RequestPort port) {
        this.device = device;
        this.ids = ids;
        faults = new FaultReport(device, ids, device.ats());
        ats = device.ats();
        Simulation sim = host.simulation();
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        WakeRule rule = p.wakeRule();
        slots = new Slots(scheduler, name + " slots", p.value("tcu_slots"), rule);
        linkUp = new Slots(scheduler, name + " link up", 1, rule);
        linkDown = new Slots(scheduler, name + " link down", 1, rule);
        upCycles = p.value("link_up_cycles");
        downCycles = p.value("link_down_cycles");
        configs = new ConfigCache(sim, name + ".config", p, device.staleUse());
        tlb = p.flag("tcu_tlb") ? new SharedTlb(sim, name + ".tlb", p, device.staleUse()) : null;
        checks = new Gem5Checks(p);
        bypassOnePage = p.flag("bypass_one_page");
        ipas = p.flag("ipa_cache") ? ipaCache(sim, name + ".ipa", p) : null;
        walks = new Slots(scheduler, name + " walks", p.value("walk_slots"), rule);
        walker = new WalkEngine(
                sim,
                name + ".walker",
                p.clock(),
                port,
                host.memory(),
                p.walkCaches(),
                ipas,
                rule,
                device.staleUse().checker());
        if (p.flag("gem5_quirks")) {
            walker.cache().imitateGem5();
        }
        if (p.flag("merge_walks")) {
            walker.mergeReads();
        }
        fetch = new ConfigFetch(device, sim, name, host.memory(), port, walker, ids, p);
        Statistics statistics = sim.statistics().under(name);
        configWalks = new ConfigFetches<>(
                this,
                device.flights(),
                scheduler,
                name + " config walks",
                p.value("config_walks"),
                p.flag("merge_config") && p.flag("config_cache"),
                rule,
                statistics.counter("merged_fetches", "requests", "requests that waited for another's configuration"));
    }

    private static IpaCache ipaCache(Simulation sim, String name, Smmuv3Parameters p) {
        return new IpaCache(
                sim,
                name,
                p.cache("ipa", IpaCache.values(), TwisterSeeds.IPA_CACHE),
                p.value("ipa_cycles"),
                p.value("ipa_ports"),
                p.wakeRule());
    }

    /** Tag of stage-1 entries in the walk cache. */
    static long stage1Tag(boolean el2, int vmid, int asid) {
        return (el2 ? TAG_EL2 : 0) | (long) vmid << 16 | asid;
    }

    /** Tag of stage-2 entries in the walk cache. */
    static long stage2Tag(int vmid) {
        return vmid;
    }

    /** For the checker: the tables that a flight is about to use. */
    void tables(Flight flight, int asid, boolean stage1) {
        int domain = stage1 && flight.config.el2() ? CommandPromise.EL2 : flight.config.vmid;
        device.staleUse().tables(flight, domain, asid, stage1);
    }

    /** Gives a new flight its place in the walker. */
    void attach(Flight flight) {
        flight.attach(walker.newWalk(flight.lane, this, OP_WALKED, flight.id));
        device.staleUse().attach(flight);
    }

    /** Configuration cache, TLB, walk cache and IPA cache. */
    void invalidate(Invalidation what) {
        if (what.concernsConfig()) {
            configs.entries().invalidate(what.configEntries());
        }
        if (what.concernsTables()) {
            walker.cache().entries().invalidate(what.walkEntries());
            if (tlb != null) {
                tlb.entries().invalidate(what.tlbEntries());
            }
            if (ipas != null) {
                ipas.entries().invalidate(what.ipaEntries());
            }
        }
    }

    /** A front end's miss; the answer goes to {@link FrontEnd#answered}. */
    void translate(Flight flight) {
        flight.request().enter(Station.SLOT_WAIT, scheduler.now());
        if (slots.take(flight.lane, this, OP_SLOT, flight.id)) {
            goUp(flight);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_SLOT -> goUp(flight);
            case OP_UP -> after(flight, 1, OP_UP_SENT);
            case OP_UP_SENT -> {
                linkUp.release();
                after(flight, upCycles - 1, OP_ARRIVED);
            }
            case OP_ARRIVED -> findConfig(flight);
            case OP_CONFIG -> after(flight, configs.cycles, OP_CONFIG_DONE);
            case OP_CONFIG_DONE -> configLookedUp(flight);
            case OP_CONFIG_FILL -> fillConfig(flight);
            case OP_WALK -> walk(flight);
            case OP_WALKED -> walked(flight);
            case OP_TLB -> after(flight, present(tlb).cycles, OP_TLB_DONE);
            case OP_TLB_DONE -> lookedUp(flight, present(tlb));
            case OP_TLB_FILL -> fillTlb(flight, present(tlb));
            case OP_DOWN -> after(flight, 1, OP_DOWN_SENT);
            case OP_DOWN_SENT -> {
                linkDown.release();
                after(flight, downCycles - 1, OP_RETURNED);
            }
            case OP_RETURNED -> {
                slots.release();
                flight.frontEnd().answered(flight);
            }
            default -> throw new IllegalArgumentException("shared unit op " + op);
        }
    }

    private void after(Flight flight, int cycles, int op) {
        scheduler.at(flight.lane, edges.after(scheduler.now(), cycles), this, op, flight.id);
    }

    private void goUp(Flight flight) {
        flight.request().enter(Station.INTERCONNECT, scheduler.now());
        if (linkUp.take(flight.lane, this, OP_UP, flight.id)) {
            after(flight, 1, OP_UP_SENT);
        }
    }

    // ---- configuration

    private void findConfig(Flight flight) {
        device.staleUse().begin(flight);
        if (!configs.on) {
            startFetch(flight);
            return;
        }
        flight.request().enter(Station.CONFIG_CACHE, scheduler.now());
        if (configs.ports.take(flight.lane, this, OP_CONFIG, flight.id)) {
            after(flight, configs.cycles, OP_CONFIG_DONE);
        }
    }

    private void configLookedUp(Flight flight) {
        configs.ports.release();
        if (configs.lookup(flight)) {
            flight.usesConfig = true;
            fetch.decide(flight, true);
        } else {
            startFetch(flight);
        }
    }

    private void startFetch(Flight flight) {
        flight.usesConfig = true;
        flight.usesConfig = configWalks.start(flight);
    }

    @Override
    public void fetch(Flight flight) {
        fetch.fetch(flight);
    }

    /** A translated transaction reads no CD and fills nothing. */
    @Override
    public boolean shares(Flight flight) {
        return flight.type != AddressType.TRANSLATED;
    }

    @Override
    public void findAgain(Flight flight) {
        scheduler.after(flight.lane, 0, this, OP_ARRIVED, flight.id);
    }

    /** The flight's configuration is decoded; {@code cached}: it came out of the cache. */
    void configured(Flight flight, boolean cached) {
        // A translated transaction has no CD with it, and would leave half of the configuration.
        if (cached || flight.stale || !configs.on || flight.type == AddressType.TRANSLATED) {
            configWalks.end(flight);
            configured(flight);
        } else if (configs.ports.take(flight.lane, this, OP_CONFIG_FILL, flight.id)) {
            fillConfig(flight);
        }
    }

    private void fillConfig(Flight flight) {
        configs.ports.release();
        // It may have become stale while it waited for a port.
        if (!flight.stale) {
            configs.fill(flight);
        }
        configWalks.end(flight);
        configured(flight);
    }

    /** The flight's configuration is in error. */
    void refused(Flight flight) {
        configWalks.end(flight);
        if (!flight.prefetch) {
            faults.refused(flight);
        }
        goDown(flight);
    }

    // ---- TLB

    private void configured(Flight flight) {
        if (flight.failed() || flight.passed) {
            goDown(flight);
        } else if (tlb == null || flight.type != AddressType.UNTRANSLATED) {
            toWalk(flight);
        } else {
            flight.request().enter(Station.SHARED_TLB, scheduler.now());
            if (tlb.ports.take(flight.lane, this, OP_TLB, flight.id)) {
                after(flight, tlb.cycles, OP_TLB_DONE);
            }
        }
    }

    private void lookedUp(Flight flight, SharedTlb shared) {
        shared.ports.release();
        tables(flight, flight.config.asid, flight.stage1);
        if (shared.lookup(flight, streamFacts(flight.config))) {
            flight.request().foundShared();
            flight.usesTranslation = true;
            device.staleUse().everywhere(flight, (flight.facts & Tlb.GLOBAL) != 0);
            goDown(flight);
        } else {
            toWalk(flight);
        }
    }

    private void fillTlb(Flight flight, SharedTlb shared) {
        shared.ports.release();
        // It may have become stale while it waited for a port.
        if (!flight.stale) {
            shared.fill(flight);
        }
        goDown(flight);
    }

    private static SharedTlb present(@Nullable SharedTlb tlb) {
        return Objects.requireNonNull(tlb);
    }

    // ---- walk

    private void toWalk(Flight flight) {
        flight.request().enter(Station.WALK_WAIT, scheduler.now());
        if (walks.take(flight.lane, this, OP_WALK, flight.id)) {
            walk(flight);
        }
    }

    private void walk(Flight flight) {
        StreamConfig config = flight.config;
        Walk walk = flight.walk();
        walk.request(flight.request());
        if (flight.stage1) {
            walk.stage1().copyFrom(config.stage1For(flight.iova));
        } else {
            walk.stage1().clear();
        }
        if (flight.stage2) {
            walk.stage2().copyFrom(config.stage2);
        } else {
            walk.stage2().clear();
        }
        checks.adapt(walk.stage1());
        checks.adapt(walk.stage2());
        flight.tablesFrom = flight.trail == null ? 0 : flight.trail.size();
        walk.tags(stage1Tag(config.el2(), config.vmid, config.asid), stage2Tag(config.vmid));
        flight.usesTranslation = flight.stage1 || flight.stage2;
        tables(flight, config.asid, flight.stage1);
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        int access = request ? ats.access(flight) : checks.access(flight);
        walk.anyOf(request ? ats.useful(flight) : 0);
        walker.translate(walk, flight.iova, access);
        if (flight.stale) {
            walk.forbidRefill();
        }
    }

    private void walked(Flight flight) {
        if (flight.walkingForCd) {
            fetch.cdTranslated(flight);
            return;
        }
        Walk walk = flight.walk();
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        if (request
                && walk.fault() != WalkFault.NONE
                && ats.walkAgain(flight, FaultReport.code(walk.fault()), walk.faultOnTable())) {
            walk(flight); // in the same walk slot
            return;
        }
        walks.release();
        if (walk.fault() != WalkFault.NONE) {
            walkFailed(flight, Event.CLASS_IN);
            return;
        }
        if (request) {
            ats.answer(flight);
            goDown(flight);
            return;
        }
        StreamConfig config = flight.config;
        boolean bypass = !flight.stage1 && !flight.stage2;
        if (bypass && flight.iova >>> ids.oasBits() != 0) {
            if (flight.prefetch) {
                flight.fail(DmaOutcome.FAULT, Event.NONE);
            } else {
                faults.bypassTooWide(flight);
            }
            goDown(flight);
            return;
        }
        flight.outcome = bypass ? DmaOutcome.BYPASS : DmaOutcome.OK;
        flight.output = walk.output();
        // Everything below the output size passes, and what is above faults at its own lookup.
        flight.pageShift = bypass && bypassOnePage ? ids.oasBits() : walk.pageShift();
        flight.facts = walk.permissions()
                | (long) flight.pageShift << Tlb.PAGE_SHIFT
                | (bypass ? Tlb.BYPASS : 0)
                | (flight.el2 && flight.stage1 ? Tlb.EL2 : 0)
                | (walk.global() ? Tlb.GLOBAL : 0)
                | (flight.stage1 ? Tlb.STAGE1 : 0)
                | (flight.stage2 ? Tlb.STAGE2 : 0)
                | streamFacts(config)
                | walk.stage1Attributes() << Tlb.S1_ATTRIBUTES
                | walk.stage2Attributes() << Tlb.S2_ATTRIBUTES;
        flight.stage1Shift = walk.stage1Shift();
        flight.asid = config.asid;
        device.staleUse().everywhere(flight, walk.global());
        if (tlb == null || flight.stale || flight.type != AddressType.UNTRANSLATED) {
            goDown(flight);
        } else if (tlb.ports.take(flight.lane, this, OP_TLB_FILL, flight.id)) {
            fillTlb(flight, tlb);
        }
    }

    private static long streamFacts(StreamConfig config) {
        return (long) config.shcfg << Tlb.SHCFG
                | (long) config.privCfg << Tlb.PRIVCFG
                | (long) config.instCfg << Tlb.INSTCFG;
    }

    /** The walk ended with a fault; {@code ownClass} is the CLASS of what the walk was for. */
    void walkFailed(Flight flight, int ownClass) {
        configWalks.end(flight);
        if (flight.prefetch) {
            // Nobody asked for it, so nobody is told.
            flight.fail(DmaOutcome.FAULT, Event.NONE);
            goDown(flight);
            return;
        }
        boolean request = flight.type == AddressType.TRANSLATION_REQUEST;
        if (request && Event.isTranslationFault(FaultReport.code(flight.walk().fault()))) {
            ats.refuse(flight);
            goDown(flight);
            return;
        }
        faults.walkFailed(flight, ownClass);
        goDown(flight);
    }

    // ---- back

    private void goDown(Flight flight) {
        flight.request().enter(Station.INTERCONNECT, scheduler.now());
        if (linkDown.take(flight.lane, this, OP_DOWN, flight.id)) {
            after(flight, 1, OP_DOWN_SENT);
        }
    }
}
