package org.iommusim.hw.pipeline;

import org.iommusim.hw.cache.TaggedCache;
import org.iommusim.hw.check.CachedSources;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.jspecify.annotations.Nullable;

/**
 * A cache of entries of configuration, with its lookup ports, and with what its entries were made from for the stale-use checker.
 * What an entry's values and tags are is the vendor's business.
 */
public final class EntryCache {
    private final TaggedCache cache;
    private final @Nullable CachedSources sources;
    /** Lookups and fills of it. */
    public final Slots ports;
    /** How long a lookup takes. */
    public final int cycles;
    /** False: there is none, and every request reads its entry. */
    public final boolean on;

    /**
     * Makes an empty cache.
     *
     * @param name of the cache, also the path of its statistics
     * @param p has for the prefix {@code x}: {@code x_cache}, {@code x_entries}, {@code x_ways}, {@code x_policy}, {@code
     *     x_cycles}, {@code x_ports}
     * @param values of an entry
     */
    public EntryCache(
            Simulation sim, String name, ParameterValues p, String prefix, int values, WakeRule rule, CheckedUse use) {
        cache = new TaggedCache(sim, name, p.cache(prefix, values, 0));
        sources = use.cache(cache);
        ports = new Slots(sim.scheduler(), name + " ports", p.value(prefix + "_ports"), rule);
        cycles = p.value(prefix + "_cycles");
        on = p.flag(prefix + "_cache");
    }

    /** The entries: for their values, and for invalidation. */
    public TaggedCache entries() {
        return cache;
    }

    /** The entry with these tags, which the transaction uses from now on; {@link TaggedCache#NONE} if there is none. */
    public int lookup(Transaction transaction, long index, long tagA, long tagB) {
        int entry = cache.lookup(index, 0, tagA, tagB);
        if (entry >= 0 && sources != null && transaction.trail != null) {
            sources.use(entry, transaction.trail);
        }
        return entry;
    }

    /** The same for an entry that is only a part of what makes a translation: it does not say whose that is. */
    public int lookupPart(Transaction transaction, long index, long tagA, long tagB) {
        int entry = cache.lookup(index, 0, tagA, tagB);
        if (entry >= 0 && sources != null && transaction.trail != null) {
            sources.useStage(entry, transaction.trail);
        }
        return entry;
    }

    /** A new entry for all that a transaction has read so far; its values are to be set. */
    public int fill(Transaction transaction, long index, long tagA, long tagB) {
        int entry = cache.insert(index, 0, -1, tagA, tagB);
        if (sources != null && transaction.trail != null) {
            sources.fill(entry, transaction.trail);
        }
        return entry;
    }

    /**
     * A new entry for what a transaction has read lately; its values are to be set.
     *
     * @param from where the notes of it begin
     * @param leadsToTables whether it is a pointer to first-stage tables
     */
    public int fillPart(Transaction transaction, long index, long tagA, int from, boolean leadsToTables) {
        int entry = cache.insert(index, 0, -1, tagA, 0);
        if (sources != null && transaction.trail != null) {
            int end = transaction.trail.size();
            sources.fillStage(entry, transaction.trail, from, end, leadsToTables, leadsToTables);
        }
        return entry;
    }
}
