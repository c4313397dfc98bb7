package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.EntryCache;
import org.iommusim.sim.Simulation;

/**
 * The cache of device table entries, by DeviceID. It holds entries that are legal, valid or not: software has to tell of every
 * change. It also remembers of a function that its page fault was recorded (SE).
 */
final class DteCache {
    private static final int REPORTED = Dte.WORDS;
    private static final int VALUES = Dte.WORDS + 1;

    final EntryCache cache;

    DteCache(Simulation sim, String name, AmdViParameters p, CheckedUse use) {
        cache = new EntryCache(sim, name, p, "dte", VALUES, p.wakeRule(), use);
    }

    TaggedCache entries() {
        return cache.entries();
    }

    /** Looks up; on a hit the flight has the words. */
    boolean lookup(Flight flight) {
        int entry = cache.lookup(flight, flight.sid, flight.sid, 0);
        if (entry == TaggedCache.NONE) {
            return false;
        }
        entries().values(entry, 0, flight.dte);
        return true;
    }

    /** Keeps a flight's entry; no page fault was recorded since. */
    void fill(Flight flight) {
        int entry = cache.fill(flight, flight.sid, flight.sid, 0);
        for (int i = 0; i < Dte.WORDS; i++) {
            entries().value(entry, i, flight.dte[i]);
        }
    }

    /** A page fault of a function is about to be recorded: false if one was since its entry was read. */
    boolean reportsFirst(int deviceId) {
        int entry = cache.on ? entries().find(deviceId, 0, deviceId, 0) : TaggedCache.NONE;
        if (entry == TaggedCache.NONE) {
            return true;
        }
        boolean first = entries().value(entry, REPORTED) == 0;
        entries().value(entry, REPORTED, 1);
        return first;
    }

    static int deviceId(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry);
    }
}
