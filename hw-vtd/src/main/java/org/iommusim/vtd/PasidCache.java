package org.iommusim.vtd;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.EntryCache;
import org.iommusim.sim.Simulation;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidEntry;

/**
 * The PASID cache: PASID table entries by source id and PASID; an invalidation finds them by their domain and PASID. With
 * caching mode (CAP.CM) it also holds that an entry is not present or in error.
 */
final class PasidCache {
    private static final int WORDS = PasidEntry.WORDS;
    private static final int REASON = WORDS;
    private static final int QUIET = WORDS + 1;
    private static final int VALUES = WORDS + 2;

    final EntryCache cache;

    PasidCache(Simulation sim, String name, VtdParameters p, CheckedUse use) {
        cache = new EntryCache(sim, name, p, "pasid", VALUES, p.wakeRule(), use);
    }

    TaggedCache entries() {
        return cache.entries();
    }

    /** Looks up; on a hit the flight has the words, and its {@code code} is the reason why they are of no use, or none. */
    boolean lookup(Flight flight) {
        int entry = cache.lookup(flight, index(flight), tag(flight), 0);
        if (entry < 0) {
            return false;
        }
        entries().values(entry, 0, flight.pasidEntry);
        flight.quietDirectory = entries().value(entry, QUIET) != 0;
        flight.code = (int) entries().value(entry, REASON);
        return true;
    }

    /** Keeps a flight's PASID table entry, or that {@code reason} keeps it from having one. */
    void fill(Flight flight, int reason) {
        int entry = cache.fillPart(flight, index(flight), tag(flight), flight.pasidFrom, false);
        for (int i = 0; i < WORDS; i++) {
            entries().value(entry, i, flight.pasidEntry[i]);
        }
        entries().value(entry, QUIET, flight.quietDirectory ? 1 : 0);
        entries().value(entry, REASON, reason);
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
