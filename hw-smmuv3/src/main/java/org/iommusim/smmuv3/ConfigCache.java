package org.iommusim.smmuv3;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Ste;
import org.jspecify.annotations.Nullable;

/**
 * The configuration cache: the words of an STE and of the CD that one stream and substream use, together. They are
 * decoded anew for each use. Only configuration that passed all checks is kept.
 */
final class ConfigCache {
    private static final int WITH_CD = Ste.WORDS + Cd.WORDS;

    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    final Slots ports;
    final int cycles;
    /** False: there is none, and every miss of a front end reads its configuration. */
    final boolean on;

    ConfigCache(Simulation sim, String name, Smmuv3Parameters p, CheckedUse staleUse) {
        CacheShape shape = p.cache("config", WITH_CD + 1, TwisterSeeds.CONFIG_CACHE);
        cache = new TaggedCache(sim, name, shape);
        sources = staleUse.cache(cache);
        ports = new Slots(sim.scheduler(), name + " ports", p.value("config_ports"), p.wakeRule());
        cycles = p.value("config_cycles");
        on = p.flag("config_cache");
    }

    TaggedCache entries() {
        return cache;
    }

    /** Looks up; on a hit the flight has the words. */
    boolean lookup(Flight flight) {
        int entry = cache.lookup(index(flight), 0, Tlb.tag(flight.sid, flight.substream), 0);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.use(entry, flight.trail);
        }
        cache.values(entry, 0, flight.ste);
        flight.hasCd = cache.value(entry, WITH_CD) != 0;
        if (flight.hasCd) {
            cache.values(entry, Ste.WORDS, flight.cd);
        }
        return true;
    }

    void fill(Flight flight) {
        int entry = cache.insert(index(flight), 0, -1, Tlb.tag(flight.sid, flight.substream), 0);
        for (int i = 0; i < Ste.WORDS; i++) {
            cache.value(entry, i, flight.ste[i]);
        }
        for (int i = 0; flight.hasCd && i < Cd.WORDS; i++) {
            cache.value(entry, Ste.WORDS + i, flight.cd[i]);
        }
        cache.value(entry, WITH_CD, flight.hasCd ? 1 : 0);
        if (sources != null && flight.trail != null) {
            sources.fill(entry, flight.trail);
        }
    }

    private static long index(Flight flight) {
        return (flight.sid ^ Math.max(0, flight.substream)) & 0xffff_ffffL;
    }
}
