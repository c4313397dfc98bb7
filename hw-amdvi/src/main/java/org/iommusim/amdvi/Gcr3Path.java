package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Gcr3Entry;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.time.ClockEdges;

/**
 * From a PASID to the root of its guest tables, in a walk slot: the cache of GCR3 entries, or the one to three levels of the GCR3
 * table, each of whose addresses host tables translate where there are any.
 */
final class Gcr3Path implements EventHandler {
    private static final int OP_LOOKUP = 0;
    private static final int OP_LOOKED_UP = 1;
    private static final int OP_READ = 2;
    private static final int OP_FILL = 3;

    private final AmdViDevice device;
    private final Translator translator;
    private final WalkEngine walker;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final Gcr3Cache roots;
    private final int pasidBits;
    private final Counter reads;

    Gcr3Path(
            AmdViDevice device,
            Translator translator,
            WalkEngine walker,
            Simulation sim,
            String name,
            AmdViParameters p,
            RequestPort port,
            PhysicalMemory memory) {
        this.device = device;
        this.translator = translator;
        this.walker = walker;
        this.port = port;
        this.memory = memory;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        pasidBits = device.efr().pasidBits();
        roots = new Gcr3Cache(sim, name + ".gcr3", p, device.staleUse());
        reads = sim.statistics().under(name).counter("gcr3_fetches", "reads", "GCR3 entries read from memory");
    }

    Gcr3Cache cache() {
        return roots;
    }

    /** Starts; ends in {@link Translator#walkTables} or {@link Translator#gcr3Failed}. */
    void start(Flight flight) {
        if (flight.pasid >>> pasidBits != 0 || !flight.config.reaches(flight.pasid)) {
            translator.gcr3Failed(flight, Event.IO_PAGE_FAULT, 0);
            return;
        }
        flight.gcr3.begin(flight.pasid);
        if (!roots.cache.on) {
            locate(flight);
            return;
        }
        flight.request().enter(Station.CONFIG_CACHE, scheduler.now());
        if (roots.cache.ports.take(flight.lane, this, OP_LOOKUP, flight.id)) {
            after(flight);
        }
    }

    private void after(Flight flight) {
        scheduler.at(flight.lane, edges.after(scheduler.now(), roots.cache.cycles), this, OP_LOOKED_UP, flight.id);
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_LOOKUP -> after(flight);
            case OP_LOOKED_UP -> lookedUp(flight);
            case OP_READ -> read(flight);
            case OP_FILL -> fill(flight);
            default -> throw new IllegalArgumentException("GCR3 path op " + op);
        }
    }

    private void lookedUp(Flight flight) {
        roots.cache.ports.release();
        long entry = roots.lookup(flight);
        if (flight.gcr3.guestTables(entry, flight.walk().stage1())) {
            translator.walkTables(flight);
        } else {
            locate(flight);
        }
    }

    // ---- reading

    private void locate(Flight flight) {
        long address = flight.gcr3.entryAddress();
        if (!flight.gcr3.guestPhysical()) {
            fetch(flight, address);
            return;
        }
        Walk walk = flight.walk();
        walk.request(flight.request());
        walk.stage2().copyFrom(flight.config.host);
        flight.walksForGcr3 = true;
        walker.translateStructure(walk, address);
        if (flight.stale) {
            walk.forbidRefill();
        }
    }

    /** Host tables have translated the address of the entry. */
    void located(Flight flight) {
        flight.walksForGcr3 = false;
        fetch(flight, flight.walk().output());
    }

    private void fetch(Flight flight, long address) {
        reads.increment();
        flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
        flight.fetchAddress = address;
        port.readTable(flight.lane, address, Long.BYTES, this, OP_READ, flight.id);
    }

    private void read(Flight flight) {
        long address = flight.fetchAddress;
        if (!port.reaches(memory, address, false)) {
            flight.eventAddress = address;
            translator.gcr3Failed(flight, Event.PAGE_TAB_HARDWARE_ERROR, HardwareErrors.at(memory, address));
            return;
        }
        long entry = memory.read64(address);
        device.staleUse().read(flight, SourceKind.CONTEXT, flight.gcr3.last(), address, entry);
        if (!Gcr3Entry.V.isSet(entry)) {
            translator.gcr3Failed(flight, Event.IO_PAGE_FAULT, 0);
        } else if (!flight.gcr3.last()) {
            flight.gcr3.descend(entry);
            locate(flight);
        } else {
            flight.gcr3.guestTables(entry, flight.walk().stage1());
            keep(flight);
        }
    }

    private void keep(Flight flight) {
        if (!roots.cache.on || flight.stale) {
            translator.walkTables(flight);
        } else if (roots.cache.ports.take(flight.lane, this, OP_FILL, flight.id)) {
            fill(flight);
        }
    }

    private void fill(Flight flight) {
        roots.cache.ports.release();
        // It may have become stale while it waited for a port.
        if (!flight.stale) {
            roots.fill(flight, Gcr3Entry.valid(flight.walk().stage1().root));
        }
        translator.walkTables(flight);
    }
}
