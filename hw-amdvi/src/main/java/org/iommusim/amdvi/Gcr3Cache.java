package org.iommusim.amdvi;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.jspecify.annotations.Nullable;

/**
 * Last GCR3 entries, by DomainID and PASID as translations are: the root of the guest tables. An invalidation of page directories
 * of the PASID drops them. Only valid entries are kept.
 */
final class Gcr3Cache {
    private static final int ENTRY = 0;
    private static final int PASID_SHIFT = 32;

    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    final Slots ports;
    final int cycles;
    /** False: there is none, and every walk in guest tables begins with the GCR3 table. */
    final boolean on;

    Gcr3Cache(Simulation sim, String name, AmdViParameters p, CheckedUse use) {
        cache = new TaggedCache(sim, name, p.cache("gcr3", 1, 0));
        sources = use.cache(cache);
        ports = new Slots(sim.scheduler(), name + " ports", p.value("gcr3_ports"), p.wakeRule());
        cycles = p.value("gcr3_cycles");
        on = p.flag("gcr3_cache");
    }

    TaggedCache entries() {
        return cache;
    }

    /** The entry of a flight's PASID; 0, which is not valid, if it is not here. */
    long lookup(Flight flight) {
        int entry = cache.lookup(index(flight), 0, tag(flight), 0);
        if (entry < 0) {
            return 0;
        }
        if (sources != null && flight.trail != null) {
            sources.useStage(entry, flight.trail);
        }
        return cache.value(entry, ENTRY);
    }

    /** Keeps the entry of a flight's PASID. */
    void fill(Flight flight, long word) {
        int entry = cache.insert(index(flight), 0, -1, tag(flight), 0);
        cache.value(entry, ENTRY, word);
        if (sources != null && flight.trail != null) {
            sources.fillStage(entry, flight.trail, flight.tablesFrom, flight.trail.size(), true, true);
        }
    }

    private static long index(Flight flight) {
        return flight.did ^ flight.pasid;
    }

    private static long tag(Flight flight) {
        return (long) flight.pasid << PASID_SHIFT | flight.did;
    }

    static int did(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry);
    }

    static int pasid(TaggedCache cache, int entry) {
        return (int) (cache.tagA(entry) >>> PASID_SHIFT);
    }
}
