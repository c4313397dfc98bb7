package org.iommusim.vtd;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.EntryCache;
import org.iommusim.sim.Simulation;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.ScalableContextEntry;

/**
 * The context cache: context entries by source id. In legacy mode an entry belongs to its domain as well; in scalable mode
 * context entries name none. With caching mode (CAP.CM) the cache also holds that an entry is not present or in error, under
 * domain 0.
 */
final class ContextCache {
    private static final int WORDS = ScalableContextEntry.WORDS;
    private static final int DID = WORDS;
    private static final int REASON = WORDS + 1;
    private static final int MODE = WORDS + 2;
    private static final int VALUES = WORDS + 3;

    final EntryCache cache;

    ContextCache(Simulation sim, String name, VtdParameters p, CheckedUse use) {
        cache = new EntryCache(sim, name, p, "context", VALUES, p.wakeRule(), use);
    }

    TaggedCache entries() {
        return cache.entries();
    }

    /**
     * Looks up; on a hit the flight has the words, and its {@code code} is the reason why they are of no use, or none.
     *
     * @param scalable the mode that the root table has now
     */
    boolean lookup(Flight flight, boolean scalable) {
        int entry = cache.lookup(flight, flight.sid, flight.sid, scalable ? 1 : 0);
        if (entry < 0) {
            return false;
        }
        entries().values(entry, 0, flight.context);
        flight.code = (int) entries().value(entry, REASON);
        return true;
    }

    /** Keeps a flight's context entry, or that {@code reason} keeps it from having one. */
    void fill(Flight flight, boolean scalable, int reason) {
        int entry = cache.fill(flight, flight.sid, flight.sid, scalable ? 1 : 0);
        for (int i = 0; i < WORDS; i++) {
            entries().value(entry, i, flight.context[i]);
        }
        boolean absent = reason != FaultReason.NONE;
        entries().value(entry, DID, scalable || absent ? 0 : ContextEntry.DID.in(flight.context));
        entries().value(entry, REASON, reason);
        entries().value(entry, MODE, scalable ? 1 : 0);
    }

    static int sid(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry);
    }

    static int did(TaggedCache cache, int entry) {
        return (int) cache.value(entry, DID);
    }

    static boolean scalable(TaggedCache cache, int entry) {
        return cache.value(entry, MODE) != 0;
    }
}
