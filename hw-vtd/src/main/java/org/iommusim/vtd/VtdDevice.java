package org.iommusim.vtd;

import java.util.SortedMap;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.TransactionPool;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.vtd.spec.Cap;

/** One VT-d unit: puts the parts together and knows which requests are in flight. */
public final class VtdDevice {
    private final String name;
    private final Simulation sim;
    private final Cap cap;
    private final WaitQueue changed;
    private final RequestPort port;
    private final BusFaults busFaults;
    private final Mistakes mistakes = new Mistakes();
    private final CheckedUse staleUse;
    private final TransactionPool<Flight> flights = new TransactionPool<>(this::makeFlight, this::flightsDrained);
    private final ContextCache contexts;
    private final PasidCache pasids;
    private final Iotlb iotlb;

    /**
     * Makes a unit in its reset state.
     *
     * @param name name within the machine, also the path of its statistics, e.g. {@code dmar0}
     * @param parameters values of all of {@link VtdParameters}
     */
    public VtdDevice(String name, SortedMap<String, Long> parameters, IommuHost host) {
        this(name, new VtdParameters(parameters), Capabilities.of(new VtdParameters(parameters)), host);
    }

    /** Makes a unit with these capabilities, whatever the parameters say about them. */
    VtdDevice(String name, VtdParameters p, Cap cap, IommuHost host) {
        this.name = name;
        this.cap = cap;
        sim = host.simulation();
        Capabilities.check(cap);
        staleUse = new CheckedUse(name, sim, host.memory());
        changed = new WaitQueue(sim.world(), name + " changed");
        port = new RequestPort(
                sim.scheduler(),
                name + " memory port",
                p.clock(),
                p.value("memory_port_bytes"),
                p.wakeRule(),
                host.port());
        busFaults = new BusFaults(sim.world());
        port.faults(busFaults);
        contexts = new ContextCache(sim, name + ".context", p, staleUse);
        pasids = new PasidCache(sim, name + ".pasid", p, staleUse);
        iotlb = new Iotlb(sim, name + ".iotlb", p, staleUse);
    }

    /** What it can do. */
    public Cap cap() {
        return cap;
    }

    WaitQueue changed() {
        return changed;
    }

    /** Mistakes that tests ask for. */
    Mistakes mistakes() {
        return mistakes;
    }

    CheckedUse staleUse() {
        return staleUse;
    }

    /** How many requests that used something since invalidated have to be waited for. */
    int staleFlights() {
        return mistakes.waitDoesNotDrain ? 0 : flights.awaited();
    }

    /** An invalidation takes effect: now, everywhere. */
    void invalidate(Invalidation what) {
        if (what.concernsContexts()) {
            contexts.entries().invalidate(what.contexts());
        } else if (what.concernsPasids()) {
            pasids.entries().invalidate(what.pasids());
        } else {
            iotlb.entries().invalidate(what.translations());
        }
        if (!mistakes.forgetsFlights) {
            flights.invalidate(what::hits, what::waitsFor);
        }
    }

    private Flight makeFlight(int id) {
        return new Flight(id, sim.scheduler().newLane(name + " request " + id, Phase.HARDWARE));
    }

    private void flightsDrained() {
        changed.wakeAll();
    }
}
