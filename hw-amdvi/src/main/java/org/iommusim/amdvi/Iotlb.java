package org.iommusim.amdvi;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.pipeline.Translations;
import org.iommusim.hw.walk.Walk;
import org.iommusim.sim.Simulation;
import org.jspecify.annotations.Nullable;

/**
 * The IOTLB. What host tables alone give belongs to a DomainID; what guest tables have a part in belongs to a DomainID and a
 * PASID, and requests without PASID that use guest tables are those of PASID 0. All functions with the same tags share entries,
 * whatever their device table entries say otherwise; so two functions with guest tables of their own must not have the same
 * tags. A unit may tell functions apart all the same ({@code iotlb_by_function}), and keep large pages in pieces ({@code
 * iotlb_pieces}). Permissions of the device table entry are not in here.
 */
final class Iotlb {
    // Tag A: domain, whether guest tables have a part in it, and host tables under them, PASID.
    private static final long GUEST = 1 << 16;
    private static final long NESTED = 1 << 17;
    private static final int PASID_SHIFT = 32;

    private static final int SMALLEST_SHIFT = 12;
    private static final int ID = 0xffff;
    private static final int PASID = 0xf_ffff;
    private static final int EVERY_ACCESS = 0xff;

    private final Translations translations;
    private final @Nullable CachedSources sources;
    private final boolean byFunction;
    private final boolean pieces;

    Iotlb(Simulation sim, String name, AmdViParameters p, CheckedUse use) {
        translations = new Translations(sim, name, p.cache("iotlb", Translations.VALUES, 0));
        sources = use.cache(translations.entries());
        byFunction = p.flag("iotlb_by_function");
        pieces = p.flag("iotlb_pieces");
    }

    TaggedCache entries() {
        return translations.entries();
    }

    /** Looks a flight's page up; on a hit it has its answer, which may be that it is refused. */
    boolean lookup(Flight flight, int access) {
        int entry = translations.counted(translations.find(flight.iova, tag(flight), function(flight)), access);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.useStage(entry, flight.trail);
        }
        translations.answer(entry, flight);
        flight.permissions = translations.permissions(entry);
        flight.guestShift = translations.ownShift(entry);
        flight.attributes = translations.secondAttributes(entry);
        return true;
    }

    /** Forgets what there is of a flight's page. */
    void forget(Flight flight) {
        int entry = translations.find(flight.iova, tag(flight), function(flight));
        if (entry >= 0) {
            translations.entries().invalidate((cache, other) -> other == entry);
        }
    }

    /** Keeps a flight's answer, or the part of it that was asked for. */
    void fill(Flight flight) {
        int shift = flight.pageShift;
        flight.pageShift = pieces ? SMALLEST_SHIFT : shift;
        noted(
                flight,
                translations.keep(
                        flight,
                        tag(flight),
                        function(flight),
                        flight.permissions,
                        flight.guestShift,
                        0,
                        flight.attributes));
        flight.pageShift = shift;
    }

    /** Keeps that there is nothing at a flight's address. */
    void fillAbsent(Flight flight) {
        noted(flight, translations.keepRefusal(flight, tag(flight), function(flight), EVERY_ACCESS));
    }

    private void noted(Flight flight, int entry) {
        if (sources != null && flight.trail != null) {
            sources.fillStage(entry, flight.trail, flight.tablesFrom, flight.trail.size(), flight.guest, false);
        }
    }

    private static long tag(Flight flight) {
        long nested = flight.host ? NESTED : 0;
        return flight.guest ? (long) flight.pasid << PASID_SHIFT | nested | GUEST | flight.did : flight.did;
    }

    private int function(Flight flight) {
        return byFunction ? flight.sid : 0;
    }

    static int did(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry) & ID;
    }

    static boolean guest(TaggedCache cache, int entry) {
        return (cache.tagA(entry) & GUEST) != 0;
    }

    /** True if host tables have a part in it besides guest tables. */
    static boolean nested(TaggedCache cache, int entry) {
        return (cache.tagA(entry) & NESTED) != 0;
    }

    static int pasid(TaggedCache cache, int entry) {
        return (int) (cache.tagA(entry) >>> PASID_SHIFT);
    }

    // ---- tags of the page-directory caches

    /** Names the tables of a flight for the page-directory caches. */
    static void name(Flight flight, Walk walk) {
        walk.tags((long) Math.max(0, flight.pasid) << 16 | flight.did, flight.did);
    }

    static int walkDid(long tag) {
        return (int) tag & ID;
    }

    static int walkPasid(long tag) {
        return (int) (tag >>> 16) & PASID;
    }
}
