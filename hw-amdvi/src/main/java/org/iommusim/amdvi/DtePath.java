package org.iommusim.amdvi;

import org.iommusim.amdvi.format.DteDecoder;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Pc;
import org.iommusim.hw.check.DescriptorWatcher;
import org.iommusim.hw.check.SourceKind;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.ConfigFetches;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.time.ClockEdges;

/**
 * Finds the device table entry of a request's function, in the cache or in memory, and decodes it. An entry is read at once, all
 * 256 bits at one moment; software stores at most 128 at a moment, so that a mix of an old and a new half can be seen. Only legal
 * entries are kept.
 */
final class DtePath implements EventHandler, ConfigFetches.Client<Flight> {
    private static final int OP_LOOKUP = 0;
    private static final int OP_LOOKED_UP = 1;
    private static final int OP_READ = 2;
    private static final int OP_FILL = 3;
    private static final int OP_AGAIN = 4;

    private final AmdViDevice device;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final RequestPort port;
    private final PhysicalMemory memory;
    private final DeviceTable table;
    private final DteDecoder decoder;
    private final DteCache dtes;
    private final ConfigFetches<Flight> fetches;
    private final Checkers watchers;
    private final Counter reads;

    DtePath(
            AmdViDevice device,
            Simulation sim,
            String name,
            AmdViParameters p,
            Efr efr,
            RequestPort port,
            PhysicalMemory memory) {
        this.device = device;
        this.port = port;
        this.memory = memory;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        watchers = sim.checkers();
        table = new DeviceTable(device.registers());
        decoder = new DteDecoder(efr, p.flag("memory_attributes"));
        dtes = new DteCache(sim, name + ".dte", p, device.staleUse());
        Statistics statistics = sim.statistics().under(name);
        reads = statistics.counter("dte_fetches", "reads", "device table entries read from memory");
        fetches = new ConfigFetches<>(
                this,
                device.flights(),
                scheduler,
                name + " fetches",
                p.value("fetch_slots"),
                p.flag("merge_fetches") && dtes.cache.on,
                p.wakeRule(),
                statistics.counter("merged_fetches", "requests", "requests that waited for another's configuration"));
    }

    DteCache cache() {
        return dtes;
    }

    /** Starts; ends in {@link AmdViDevice#configured}, or in {@link FaultReport#refuse}. */
    void start(Flight flight) {
        device.staleUse().begin(flight);
        if (table.address(flight.sid) == DeviceTable.NOWHERE) {
            device.faultReport().refuse(flight, Event.ILLEGAL_DEV_TABLE_ENTRY, 0);
        } else if (!dtes.cache.on) {
            startFetch(flight);
        } else {
            flight.request().enter(Station.CONFIG_CACHE, scheduler.now());
            if (dtes.cache.ports.take(flight.lane, this, OP_LOOKUP, flight.id)) {
                after(flight, dtes.cache.cycles, OP_LOOKED_UP);
            }
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        Flight flight = device.flight((int) arg);
        switch (op) {
            case OP_LOOKUP -> after(flight, dtes.cache.cycles, OP_LOOKED_UP);
            case OP_LOOKED_UP -> lookedUp(flight);
            case OP_READ -> read(flight);
            case OP_FILL -> fill(flight);
            case OP_AGAIN -> start(flight);
            default -> throw new IllegalArgumentException("DTE path op " + op);
        }
    }

    private void after(Flight flight, int cycles, int op) {
        scheduler.at(flight.lane, edges.after(scheduler.now(), cycles), this, op, flight.id);
    }

    private void lookedUp(Flight flight) {
        dtes.cache.ports.release();
        boolean hit = dtes.lookup(flight);
        if (flight.message) {
            device.count(flight, hit ? Pc.INT_DTE_HIT : Pc.INT_DTE_MIS);
        } else {
            device.count(flight, hit ? Pc.MEM_DTE_HIT : Pc.MEM_DTE_MIS);
        }
        if (hit) {
            flight.usesDte = true;
            done(flight);
        } else {
            startFetch(flight);
        }
    }

    // ---- reading

    /** Until it is its turn it uses nothing: it will look for everything again. */
    private void startFetch(Flight flight) {
        flight.usesDte = true;
        flight.usesDte = fetches.start(flight);
    }

    @Override
    public void fetch(Flight flight) {
        // The table may have been moved while it waited for its turn.
        flight.fetchAddress = table.address(flight.sid);
        if (flight.fetchAddress == DeviceTable.NOWHERE) {
            fetches.end(flight);
            device.faultReport().refuse(flight, Event.ILLEGAL_DEV_TABLE_ENTRY, 0);
            return;
        }
        reads.increment();
        flight.request().enter(Station.CONFIG_FETCH, scheduler.now());
        port.readTable(flight.lane, flight.fetchAddress, Dte.BYTES, this, OP_READ, flight.id);
    }

    @Override
    public boolean shares(Flight flight) {
        return true;
    }

    @Override
    public void findAgain(Flight flight) {
        scheduler.after(flight.lane, 0, this, OP_AGAIN, flight.id);
    }

    private void read(Flight flight) {
        long address = flight.fetchAddress;
        if (!port.reaches(memory, address, false)) {
            fetches.end(flight);
            flight.eventAddress = address;
            device.faultReport().refuse(flight, Event.DEV_TAB_HARDWARE_ERROR, HardwareErrors.at(memory, address));
            return;
        }
        for (int i = 0; i < Dte.WORDS; i++) {
            flight.dte[i] = memory.read64(address + 8L * i);
        }
        device.staleUse().read(flight, SourceKind.DEVICE, true, address, flight.dte);
        if (watchers.anybodyHears(DescriptorWatcher.class)) {
            watchers.tell(DescriptorWatcher.class, watcher -> watcher.reads(device.name(), address, flight.dte));
        }
        if (!dtes.cache.on || flight.stale || !decode(flight)) {
            done(flight);
        } else if (dtes.cache.ports.take(flight.lane, this, OP_FILL, flight.id)) {
            fill(flight);
        }
    }

    private void fill(Flight flight) {
        dtes.cache.ports.release();
        // It may have become stale while it waited for a port.
        if (!flight.stale) {
            dtes.fill(flight);
        }
        done(flight);
    }

    // ---- end

    private boolean decode(Flight flight) {
        return decoder.decode(flight.dte, device.registers().control(), flight.config);
    }

    private void done(Flight flight) {
        fetches.end(flight);
        if (decode(flight)) {
            device.configured(flight);
        } else {
            long reserved = decoder.reservedBitSet(flight.dte) ? Event.RZ : 0;
            device.faultReport().refuse(flight, Event.ILLEGAL_DEV_TABLE_ENTRY, reserved);
        }
    }
}
