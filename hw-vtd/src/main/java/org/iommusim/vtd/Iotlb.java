package org.iommusim.vtd;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.PageSizes;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.Walk;
import org.iommusim.sim.Simulation;
import org.iommusim.vtd.spec.FaultReason;
import org.jspecify.annotations.Nullable;

/**
 * The IOTLB. Translations of a second stage alone belong to a domain; those that a first stage has a part in belong to a
 * domain and a PASID, or, if the first stage's page is global, to all PASIDs of a domain. All functions of a domain share
 * them, so a lookup needs the context entry and the PASID table entry first.
 *
 * <p>An entry that forbids an access is treated as a miss: the walk that follows says what the fault is, or finds that the
 * table allows it by now. With caching mode (CAP.CM) there are entries that say that the second stage has nothing at an
 * address; these answer with the fault that was found.
 */
final class Iotlb {
    private static final int OUTPUT = 0;
    private static final int FACTS = 1;
    private static final int FIRST_ATTRIBUTES = 2;
    private static final int SECOND_ATTRIBUTES = 3;
    private static final int VALUES = 4;

    // Facts: permission word in bits 7:0.
    private static final int PAGE_SHIFT = 8;
    private static final int FIRST_SHIFT = 16;
    private static final int REASON = 32;

    // Tag A: domain, whether a first stage has a part in it, PASID.
    private static final long FIRST = 1 << 16;
    private static final int PASID_SHIFT = 32;
    /** Tag B of what holds for all PASIDs. */
    private static final long GLOBAL = 1;

    private final TaggedCache cache;
    private final PageSizes sizes;
    private final @Nullable CachedSources sources;

    Iotlb(Simulation sim, String name, VtdParameters p, CheckedUse use) {
        CacheShape shape = p.cache("iotlb", VALUES, 0);
        cache = new TaggedCache(sim, name, shape);
        sizes = new PageSizes(shape.sets() == 1);
        sources = use.cache(cache);
    }

    TaggedCache entries() {
        return cache;
    }

    /**
     * Looks a flight's page up in the tables of its configuration; on a hit the flight has its answer, which may be a fault.
     *
     * @param access what the answer must allow
     */
    boolean lookup(Flight flight, int access) {
        int entry = sizes.find(cache, flight.iova, tag(flight, flight.pasid), 0);
        if (entry < 0 && flight.firstStage) {
            entry = sizes.find(cache, flight.iova, tag(flight, 0), GLOBAL);
        }
        long facts = entry < 0 ? 0 : cache.value(entry, FACTS);
        int reason = (int) (facts >>> REASON);
        if (entry >= 0 && !applies((int) facts & 0xff, reason, access)) {
            entry = TaggedCache.NONE;
        }
        cache.counted(entry);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.useStage(entry, flight.trail);
        }
        flight.pageShift = (int) (facts >>> PAGE_SHIFT) & 0xff;
        flight.firstShift = (int) (facts >>> FIRST_SHIFT) & 0xff;
        if (reason != FaultReason.NONE) {
            flight.code = reason;
            return true;
        }
        flight.output = cache.value(entry, OUTPUT) | flight.iova & (1L << flight.pageShift) - 1;
        flight.outcome = DmaOutcome.OK;
        flight.permissions = (int) facts & 0xff;
        flight.global = cache.tagB(entry) == GLOBAL;
        flight.firstAttributes = cache.value(entry, FIRST_ATTRIBUTES);
        flight.secondAttributes = cache.value(entry, SECOND_ATTRIBUTES);
        return true;
    }

    /** True if an entry says something about an access: it allows it, or it is what refused it. */
    private static boolean applies(int permissions, int reason, int access) {
        return reason == FaultReason.NONE ? Access.allowed(permissions, access) : (permissions & access) != 0;
    }

    /** Keeps a flight's answer. */
    void fill(Flight flight) {
        long mask = -1L << flight.pageShift;
        int entry = insert(flight, flight.global);
        cache.value(entry, OUTPUT, flight.output & mask);
        cache.value(entry, FACTS, facts(flight) | flight.permissions);
        cache.value(entry, FIRST_ATTRIBUTES, flight.firstAttributes);
        cache.value(entry, SECOND_ATTRIBUTES, flight.secondAttributes);
    }

    /** Keeps that the second stage refuses a flight's accesses ({@code permissions}), and with which reason. */
    void fillAbsent(Flight flight) {
        int entry = insert(flight, false);
        cache.value(entry, FACTS, facts(flight) | flight.permissions | (long) flight.code << REASON);
    }

    private static long facts(Flight flight) {
        return (long) flight.pageShift << PAGE_SHIFT | (long) flight.firstShift << FIRST_SHIFT;
    }

    private int insert(Flight flight, boolean everywhere) {
        long tag = tag(flight, everywhere ? 0 : flight.pasid);
        long index = sizes.index(flight.iova, flight.pageShift);
        int entry = cache.insert(index, flight.iova, -1L << flight.pageShift, tag, everywhere ? GLOBAL : 0);
        if (sources != null && flight.trail != null) {
            int end = flight.trail.size();
            sources.fillStage(entry, flight.trail, flight.tablesFrom, end, flight.firstStage, false);
        }
        return entry;
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

    /** True if it says why there is no translation. */
    static boolean refuses(TaggedCache cache, int entry) {
        return cache.value(entry, FACTS) >>> REASON != FaultReason.NONE;
    }

    /** Address mask of the first stage's page: the second stage may have split it into several entries. */
    static long firstMask(TaggedCache cache, int entry) {
        return -1L << (cache.value(entry, FACTS) >>> FIRST_SHIFT & 0xff);
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
