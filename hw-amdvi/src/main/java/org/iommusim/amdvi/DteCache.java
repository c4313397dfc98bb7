package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.jspecify.annotations.Nullable;

/**
 * The cache of device table entries, by DeviceID. It holds entries that are legal, valid or not: software has to tell of every
 * change. It also remembers of a function that its page fault was recorded (SE).
 */
final class DteCache {
    private static final int REPORTED = Dte.WORDS;
    private static final int VALUES = Dte.WORDS + 1;

    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    final Slots ports;
    final int cycles;
    /** False: there is none, and every request reads its entry. */
    final boolean on;

    DteCache(Simulation sim, String name, AmdViParameters p, CheckedUse use) {
        cache = new TaggedCache(sim, name, p.cache("dte", VALUES, 0));
        sources = use.cache(cache);
        ports = new Slots(sim.scheduler(), name + " ports", p.value("dte_ports"), p.wakeRule());
        cycles = p.value("dte_cycles");
        on = p.flag("dte_cache");
    }

    TaggedCache entries() {
        return cache;
    }

    /** Looks up; on a hit the flight has the words. */
    boolean lookup(Flight flight) {
        int entry = cache.lookup(flight.sid, 0, flight.sid, 0);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.use(entry, flight.trail);
        }
        cache.values(entry, 0, flight.dte);
        return true;
    }

    /** Keeps a flight's entry. */
    void fill(Flight flight) {
        int entry = cache.insert(flight.sid, 0, -1, flight.sid, 0);
        for (int i = 0; i < Dte.WORDS; i++) {
            cache.value(entry, i, flight.dte[i]);
        }
        cache.value(entry, REPORTED, 0);
        if (sources != null && flight.trail != null) {
            sources.fill(entry, flight.trail);
        }
    }

    /** A page fault of a function is about to be recorded: false if one was since its entry was read. */
    boolean reportsFirst(int deviceId) {
        int entry = on ? cache.find(deviceId, 0, deviceId, 0) : TaggedCache.NONE;
        if (entry < 0) {
            return true;
        }
        boolean first = cache.value(entry, REPORTED) == 0;
        cache.value(entry, REPORTED, 1);
        return first;
    }

    static int deviceId(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry);
    }
}
