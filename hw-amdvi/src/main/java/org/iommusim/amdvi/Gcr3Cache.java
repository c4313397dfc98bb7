package org.iommusim.amdvi;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.EntryCache;
import org.iommusim.sim.Simulation;

/**
 * Last GCR3 entries, by DomainID and PASID as translations are: the root of the guest tables. An invalidation of page directories
 * of the PASID drops them. Only valid entries are kept.
 */
final class Gcr3Cache {
    private static final int ENTRY = 0;
    private static final int PASID_SHIFT = 32;

    final EntryCache cache;

    Gcr3Cache(Simulation sim, String name, AmdViParameters p, CheckedUse use) {
        cache = new EntryCache(sim, name, p, "gcr3", 1, p.wakeRule(), use);
    }

    TaggedCache entries() {
        return cache.entries();
    }

    /** The entry of a flight's PASID; 0, which is not valid, if it is not here. */
    long lookup(Flight flight) {
        int entry = cache.lookupPart(flight, index(flight), tag(flight), 0);
        if (entry == TaggedCache.NONE) {
            return 0;
        }
        return entries().value(entry, ENTRY);
    }

    /** Keeps the entry of a flight's PASID. */
    void fill(Flight flight, long word) {
        int entry = cache.fillPart(flight, index(flight), tag(flight), flight.tablesFrom, true);
        entries().value(entry, ENTRY, word);
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
