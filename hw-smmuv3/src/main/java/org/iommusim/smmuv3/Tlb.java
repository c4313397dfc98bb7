package org.iommusim.smmuv3;

import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.PageSizes;
import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.hw.walk.Access;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.iommusim.smmuv3.format.MemoryAttributes;
import org.jspecify.annotations.Nullable;

/**
 * A translation cache of a front end. Entries belong to a stream and substream, so a lookup needs no configuration; they
 * remember VMID and ASID for invalidations. Whoever changes a stream's configuration must invalidate its entries.
 *
 * <p>An entry that forbids an access is treated as a miss: the walk that follows says what the fault is, or finds that the
 * table allows it by now.
 */
final class Tlb {
    /** Facts of an entry: permission word in bits 7:0. */
    static final int PAGE_SHIFT = 8;

    static final long BYPASS = 1L << 16;
    static final long GLOBAL = 1L << 17;
    static final long STAGE1 = 1L << 18;
    static final long STAGE2 = 1L << 19;
    static final int PRIVCFG = 20;
    static final int INSTCFG = 22;
    static final int S1_ATTRIBUTES = 24;
    static final int S2_ATTRIBUTES = 40;
    static final int SHCFG = 57;
    static final long EL2 = 1L << 60;
    /** The entry was translated ahead. */
    static final long PREFETCHED = 1L << 61;
    /** What belongs to the stream, and not to the translation. */
    static final long OF_STREAM = 0xfL << PRIVCFG | 3L << SHCFG;

    /** Values of an entry. */
    static final int OUTPUT = 0;

    static final int FACTS = 1;
    static final int SPACE = 2;
    static final int VALUES = 3;
    /** Space: ASID in bits 31:0, VMID in 47:32, log2 of stage 1's page from here on. */
    private static final int S1_SHIFT = 56;

    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    private final boolean allSizes;
    private final boolean unchecked;
    private final boolean reserveLastWay;
    private final int ways;
    final Slots ports;
    final int cycles;
    private final PageSizes sizes;

    /**
     * Makes an empty TLB.
     *
     * @param parameters what its parameters begin with
     * @param reserveLastWay whether the last way of each set is for what is translated ahead, and only that
     */
    Tlb(
            Simulation sim,
            String name,
            Smmuv3Parameters p,
            String parameters,
            boolean reserveLastWay,
            CheckedUse staleUse) {
        CacheShape shape = p.cache(parameters, VALUES, TwisterSeeds.TLB);
        cache = new TaggedCache(sim, name, shape);
        sources = staleUse.cache(cache);
        allSizes = p.flag("tlb_all_sizes");
        sizes = new PageSizes(shape.sets() == 1);
        ways = shape.ways();
        unchecked = p.flag("gem5_quirks");
        this.reserveLastWay = reserveLastWay;
        if (reserveLastWay && ways == 1) {
            throw new IllegalArgumentException("no way of " + name + " is left if the last of 1 is reserved");
        }
        cycles = p.value(parameters + "_cycles");
        ports = new Slots(sim.scheduler(), name + " ports", p.value(parameters + "_ports"), p.wakeRule());
    }

    TaggedCache entries() {
        return cache;
    }

    /** Looks a flight's page up; on a hit the flight has its answer. */
    boolean lookup(Flight flight) {
        int entry = find(flight);
        if (entry >= 0 && !unchecked && !allowed(flight, cache.value(entry, FACTS))) {
            entry = TaggedCache.NONE;
        }
        cache.counted(entry);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            flight.trail.begin(flight.sid, flight.substream, flight.iova);
            sources.use(entry, flight.trail);
        }
        long facts = cache.value(entry, FACTS);
        int shift = (int) (facts >>> PAGE_SHIFT) & 0xff;
        long within = (1L << shift) - 1;
        flight.facts = facts & ~PREFETCHED;
        flight.hitPrefetched = (facts & PREFETCHED) != 0;
        flight.pageShift = shift;
        flight.output = cache.value(entry, OUTPUT) | flight.iova & within;
        flight.outcome = (facts & BYPASS) != 0 ? DmaOutcome.BYPASS : DmaOutcome.OK;
        long space = cache.value(entry, SPACE);
        flight.el2 = (facts & EL2) != 0;
        flight.vmid = (int) (space >>> 32) & 0xffff;
        flight.stage1Shift = stage1Shift(space);
        flight.asid = (int) space;
        flight.stage1 = (facts & STAGE1) != 0;
        flight.stage2 = (facts & STAGE2) != 0;
        flight.usesConfig = true;
        flight.usesTranslation = true;
        return true;
    }

    static boolean allowed(Flight flight, long facts) {
        int access = flight.access((int) (facts >>> PRIVCFG) & 3, (int) (facts >>> INSTCFG) & 3);
        return Access.allowed((int) facts & 0xff, access);
    }

    private int find(Flight flight) {
        long tag = tag(flight.sid, flight.substream);
        return allSizes ? sizes.find(cache, flight.iova, tag, 0) : cache.find(flight.iova >>> 12, flight.iova, tag, 0);
    }

    /** Keeps a flight's answer. */
    void fill(Flight flight) {
        int shift = flight.pageShift;
        long mask = -1L << shift;
        // Where only the smallest size is looked up, a large page is found only at its first 4 KiB.
        long index = allSizes ? sizes.index(flight.iova, shift) : (flight.iova & mask) >>> 12;
        int from = reserveLastWay && flight.prefetch ? ways - 1 : 0;
        int count = !reserveLastWay ? ways : flight.prefetch ? 1 : ways - 1;
        int entry = cache.insert(index, flight.iova, mask, tag(flight.sid, flight.substream), 0, from, count);
        cache.value(entry, OUTPUT, flight.output & mask);
        cache.value(entry, FACTS, flight.facts | (flight.prefetch ? PREFETCHED : 0));
        cache.value(entry, SPACE, space(flight));
        if (sources != null && flight.trail != null) {
            sources.fill(entry, flight.trail);
        }
    }

    /** The value {@link #SPACE} of a flight's answer. */
    static long space(Flight flight) {
        return (long) flight.stage1Shift << S1_SHIFT | (long) flight.vmid << 32 | flight.asid & 0xffff_ffffL;
    }

    /** Tag of a stream and substream; {@code ssid} below 0: none. */
    static long tag(int sid, int ssid) {
        return (long) ssid + 1 << 32 | sid & 0xffff_ffffL;
    }

    static int sid(TaggedCache cache, int entry) {
        return (int) cache.tagA(entry);
    }

    /** SubstreamID of an entry, below 0 if none. */
    static int ssid(TaggedCache cache, int entry) {
        return (int) (cache.tagA(entry) >>> 32) - 1;
    }

    /** Address mask of stage 1's page: stage 2 may have split it into several entries. */
    static long stage1Mask(TaggedCache cache, int entry) {
        return -1L << stage1Shift(cache.value(entry, SPACE));
    }

    static int stage1Shift(long space) {
        return (int) (space >>> S1_SHIFT);
    }

    static long facts(TaggedCache cache, int entry) {
        return cache.value(entry, FACTS);
    }

    /** Memory type and shareability of an access with an entry's facts. */
    static int attributes(long facts) {
        int first = (facts & STAGE1) != 0
                ? MemoryAttributes.alone((int) (facts >>> S1_ATTRIBUTES) & 0x3ff)
                : MemoryAttributes.incoming((int) (facts >>> SHCFG) & 3);
        return (facts & STAGE2) == 0 ? first : MemoryAttributes.combine(first, facts >>> S2_ATTRIBUTES & 0x1_ffff);
    }

    static int vmid(TaggedCache cache, int entry) {
        return (int) (cache.value(entry, SPACE) >>> 32) & 0xffff;
    }

    static int asid(TaggedCache cache, int entry) {
        return (int) cache.value(entry, SPACE);
    }
}
