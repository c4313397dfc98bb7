package org.iommusim.smmuv3;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.pipeline.CheckedUse;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.jspecify.annotations.Nullable;

/**
 * The TLB of the shared unit, behind the configuration: its entries belong to an ASID and a VMID, and serve all streams that
 * use them. What the stream's own configuration says (attributes, overrides) is added to an entry at each hit. An entry
 * that forbids the access is treated as a miss. A large page lies in the set of its first 4 KiB, as in gem5; a stream that
 * bypasses finds nothing here and leaves nothing.
 */
final class SharedTlb {
    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    private final boolean unchecked;
    final Slots ports;
    final int cycles;

    SharedTlb(Simulation sim, String name, Smmuv3Parameters p, CheckedUse staleUse) {
        cache = new TaggedCache(sim, name, p.cache("tcu_tlb", Tlb.VALUES, TwisterSeeds.SHARED_TLB));
        sources = staleUse.cache(cache);
        unchecked = p.flag("gem5_quirks");
        ports = new Slots(sim.scheduler(), name + " ports", p.value("tcu_tlb_ports"), p.wakeRule());
        cycles = p.value("tcu_tlb_cycles");
    }

    /** The entries have the values of {@link Tlb}'s. */
    TaggedCache entries() {
        return cache;
    }

    /**
     * Looks a flight's page up in the address space of its configuration; on a hit the flight has its answer.
     *
     * @param streamFacts what the stream's configuration adds
     */
    boolean lookup(Flight flight, long streamFacts) {
        int entry = translates(flight)
                ? cache.find(index(flight, flight.iova), flight.iova, space(flight), stages(flight))
                : TaggedCache.NONE;
        long facts = entry < 0 ? 0 : cache.value(entry, Tlb.FACTS) | streamFacts;
        if (entry >= 0 && !unchecked && !Tlb.allowed(flight, facts)) {
            entry = TaggedCache.NONE;
        }
        cache.counted(entry);
        if (entry < 0) {
            return false;
        }
        if (sources != null && flight.trail != null) {
            sources.useStage(entry, flight.trail);
        }
        int shift = (int) (facts >>> Tlb.PAGE_SHIFT) & 0xff;
        flight.facts = facts;
        flight.pageShift = shift;
        flight.stage1Shift = Tlb.stage1Shift(cache.value(entry, Tlb.SPACE));
        flight.output = cache.value(entry, Tlb.OUTPUT) | flight.iova & (1L << shift) - 1;
        flight.outcome = DmaOutcome.OK;
        return true;
    }

    /** Keeps a flight's answer. */
    void fill(Flight flight) {
        if (!translates(flight)) {
            return;
        }
        long mask = -1L << flight.pageShift;
        int entry = cache.insert(index(flight, flight.iova & mask), flight.iova, mask, space(flight), stages(flight));
        cache.value(entry, Tlb.OUTPUT, flight.output & mask);
        cache.value(entry, Tlb.FACTS, flight.facts & ~Tlb.OF_STREAM);
        cache.value(entry, Tlb.SPACE, Tlb.space(flight));
        if (sources != null && flight.trail != null) {
            sources.fillStage(entry, flight.trail, flight.tablesFrom, flight.trail.size(), flight.stage1, false);
        }
    }

    private static boolean translates(Flight flight) {
        return flight.stage1 || flight.stage2;
    }

    private static int asid(Flight flight) {
        return flight.stage1 ? flight.config.asid : 0;
    }

    private static long space(Flight flight) {
        return (long) flight.config.vmid << 32 | asid(flight);
    }

    /** A stream with stage 1 alone belongs to no VM where gem5 counts. */
    private static long index(Flight flight, long address) {
        return address >>> 12 ^ asid(flight) ^ (flight.stage2 ? flight.config.vmid : 0);
    }

    private static long stages(Flight flight) {
        return (flight.stage1 ? 1 : 0) | (flight.stage2 ? 2 : 0) | (flight.el2 ? 4 : 0);
    }
}
