package org.iommusim.vtd;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.Translations;
import org.iommusim.hw.walk.Walk;
import org.iommusim.sim.Simulation;
import org.iommusim.vtd.spec.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * The IOTLB. Translations of a second stage alone belong to a domain; those that a first stage has a part in belong to a
 * domain and a PASID, or, if the first stage's page is global, to all PASIDs of a domain. All functions of a domain share
 * them, so a lookup needs the context entry and the PASID table entry first.
 *
 * <p>With caching mode (CAP.CM) there are entries that say that the second stage has nothing at an address; these answer with
 * the fault that was found.
 */
final class Iotlb {
    // Tag A: domain, whether a first stage has a part in it, PASID.
    private static final long FIRST = 1 << 16;
    private static final int PASID_SHIFT = 32;
    /** Tag B of what holds for all PASIDs. */
    private static final long GLOBAL = 1;

    private final Translations translations;
    private final @Nullable CachedSources sources;

    Iotlb(Simulation sim, String name, VtdParameters p, CheckedUse use) {
        translations = new Translations(sim, name, p.cache("iotlb", Translations.VALUES, 0));
        sources = use.cache(translations.entries());
    }

    TaggedCache entries() {
        return translations.entries();
    }

    /**
     * Looks a flight's page up in the tables of its configuration; on a hit the flight has its answer, which may be a fault.
     *
     * @param access what the answer must allow
     */
    boolean lookup(Flight flight, int access) {
        int found = translations.find(flight.iova, tag(flight, flight.pasid), 0);
        if (found < 0 && flight.firstStage) {
            found = translations.find(flight.iova, tag(flight, 0), GLOBAL);
        }
        int entry = translations.counted(found, access);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.useStage(entry, flight.trail);
        }
        translations.answer(entry, flight);
        flight.firstShift = translations.ownShift(entry);
        if (flight.code == FaultReason.NONE) {
            flight.permissions = translations.permissions(entry);
            flight.global = entries().tagB(entry) == GLOBAL;
            flight.firstAttributes = translations.firstAttributes(entry);
            flight.secondAttributes = translations.secondAttributes(entry);
        }
        return true;
    }

    /** Keeps a flight's answer. */
    void fill(Flight flight) {
        noted(
                flight,
                translations.keep(
                        flight,
                        tag(flight, flight.global ? 0 : flight.pasid),
                        flight.global ? GLOBAL : 0,
                        flight.permissions,
                        flight.firstShift,
                        flight.firstAttributes,
                        flight.secondAttributes));
    }

    /** Keeps that the second stage refuses a flight's accesses ({@code permissions}), and with which reason. */
    void fillAbsent(Flight flight) {
        noted(flight, translations.keepRefusal(flight, tag(flight, flight.pasid), 0, flight.permissions));
    }

    private void noted(Flight flight, int entry) {
        if (sources != null && flight.trail != null) {
            int end = flight.trail.size();
            sources.fillStage(entry, flight.trail, flight.tablesFrom, end, flight.firstStage, false);
        }
    }

    private static long tag(Flight flight, int pasid) {
        return flight.firstStage ? (long) pasid << PASID_SHIFT | FIRST | flight.did : flight.did;
    }

    static int did(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry) & 0xffff;
    }

    static boolean firstStage(TaggedCache cache, int entry) {
        return (cache.tagA(entry) & FIRST) != 0;
    }

    static int pasid(TaggedCache cache, int entry) {
        return (int) (cache.tagA(entry) >>> PASID_SHIFT);
    }

    static boolean global(TaggedCache cache, int entry) {
        return cache.tagB(entry) == GLOBAL;
    }

    // ---- tags of the paging-structure caches

    /** Names the tables of a flight for the paging-structure caches. */
    static void name(Flight flight, Walk walk) {
        walk.tags((long) Math.max(0, flight.pasid) << 16 | flight.did, flight.did);
    }

    static int walkDid(long tag) {
        return (int) tag & 0xffff;
    }

    static int walkPasid(long tag) {
        return (int) (tag >>> 16) & 0xf_ffff;
    }
}
