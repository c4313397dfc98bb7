package org.iommusim.vtd;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidEntry;
import org.jspecify.annotations.Nullable;

/**
 * The PASID cache: PASID table entries by source id and PASID; an invalidation finds them by their domain and PASID. With
 * caching mode (CAP.CM) it also holds that an entry is not present or in error.
 */
final class PasidCache {
    private static final int WORDS = PasidEntry.WORDS;
    private static final int REASON = WORDS;
    private static final int QUIET = WORDS + 1;
    private static final int VALUES = WORDS + 2;

    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    final Slots ports;
    final int cycles;
    /** False: there is none, and every request reads its PASID table entry. */
    final boolean on;

    PasidCache(Simulation sim, String name, VtdParameters p, CheckedUse use) {
        cache = new TaggedCache(sim, name, p.cache("pasid", VALUES, 0));
        sources = use.cache(cache);
        ports = new Slots(sim.scheduler(), name + " ports", p.value("pasid_ports"), p.wakeRule());
        cycles = p.value("pasid_cycles");
        on = p.flag("pasid_cache");
    }

    TaggedCache entries() {
        return cache;
    }

    /** Looks up; on a hit the flight has the words, and its {@code code} is the reason why they are of no use, or none. */
    boolean lookup(Flight flight) {
        int entry = cache.lookup(index(flight), 0, tag(flight), 0);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.use(entry, flight.trail);
        }
        cache.values(entry, 0, flight.pasidEntry);
        flight.quietDirectory = cache.value(entry, QUIET) != 0;
        flight.code = (int) cache.value(entry, REASON);
        return true;
    }

    /** Keeps a flight's PASID table entry, or that {@code reason} keeps it from having one. */
    void fill(Flight flight, int reason) {
        int entry = cache.insert(index(flight), 0, -1, tag(flight), 0);
        for (int i = 0; i < WORDS; i++) {
            cache.value(entry, i, flight.pasidEntry[i]);
        }
        cache.value(entry, QUIET, flight.quietDirectory ? 1 : 0);
        cache.value(entry, REASON, reason);
        if (sources != null && flight.trail != null) {
            sources.fillStage(entry, flight.trail, flight.pasidFrom, flight.trail.size(), false, false);
        }
    }

    private static long index(Flight flight) {
        return flight.sid ^ flight.pasid;
    }

    private static long tag(Flight flight) {
        return (long) flight.pasid << 32 | flight.sid;
    }

    static int pasid(TaggedCache cache, int entry) {
        return (int) (cache.tagA(entry) >>> 32);
    }

    static int did(TaggedCache cache, int entry) {
        return PasidEntry.DID.getInt(cache.value(entry, 1));
    }

    /** True if it holds that there is no entry of any use. */
    static boolean absent(TaggedCache cache, int entry) {
        return cache.value(entry, REASON) != FaultReason.NONE;
    }
}
