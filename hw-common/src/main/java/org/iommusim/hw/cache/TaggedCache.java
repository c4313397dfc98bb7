package org.iommusim.hw.cache;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * A set-associative cache of translations or the like. An entry has an address with a mask of its own, two further tags
 * and some values, all 64 bits wide. Nothing here takes time or allocates.
 *
 * <p>An entry matches a lookup if both tags are equal and the addresses are equal under the entry's mask. Should several
 * match (a page and a block that covers it), the entry hit last wins, else the lowest way.
 *
 * <p>Entries are addressed by number. A number stays valid until the next insertion or invalidation.
 */
public final class TaggedCache {
    /** The variable of everything that is cached. */
    public static final Variable ENTRY = Variable.named("cache.entry");

    /** Answer of a lookup that finds nothing. */
    public static final int NONE = -1;

    /** The variable of where a lookup begins to search; no state that could be told apart. */
    public static final Variable HINT = Variable.unhashed("cache.hint");

    private final String name;
    private final int entries;
    private final int sets;
    private final int ways;
    private final CacheEntries words;
    private final ReplacementState replacement;
    private final IntCell valid;
    private final IntCell lastHit;
    private final Counter lookups;
    private final Counter hits;
    private final Counter misses;
    private final Counter insertions;
    private final Counter evictions;
    private final Counter invalidated;

    /**
     * Makes an empty cache.
     *
     * @param name path of its statistics and name of its random stream, e.g. {@code smmu0.main_tlb}
     */
    public TaggedCache(Simulation sim, String name, CacheShape shape) {
        this.name = name;
        entries = shape.entries();
        sets = shape.sets();
        ways = shape.ways();
        World world = sim.world();
        long instance = world.nextInstance() << 4;
        words = new CacheEntries(world, instance, entries, shape.values());
        replacement =
                new ReplacementState(world, instance + 1, shape, sim.random().split(name + ".replacement"));
        valid = new IntCell(world, HINT, instance + 4, 0);
        lastHit = new IntCell(world, HINT, instance + 5, 0);
        Statistics statistics = sim.statistics().under(name);
        lookups = statistics.counter("lookups", "lookups", "lookups");
        hits = statistics.counter("hits", "lookups", "lookups that found an entry");
        misses = statistics.counter("misses", "lookups", "lookups that found nothing");
        insertions = statistics.counter("insertions", "entries", "entries filled");
        evictions = statistics.counter("evictions", "entries", "valid entries that had to make room");
        invalidated = statistics.counter("invalidated", "entries", "entries removed by invalidations");
    }

    /** Name within the machine. */
    public String name() {
        return name;
    }

    /** How many entries there are room for. */
    public int capacity() {
        return entries;
    }

    /** How many entries are valid. */
    public int size() {
        return valid.get();
    }

    /**
     * Looks an entry up, counts it, and marks the entry as used.
     *
     * @param index set index of any size; its remainder by the number of sets is taken
     * @param address full address; entries compare it under their own masks
     * @return the entry's number, or {@link #NONE}
     */
    public int lookup(long index, long address, long tagA, long tagB) {
        int entry = find(index, address, tagA, tagB);
        counted(entry);
        return entry;
    }

    /**
     * Counts one lookup with this result: for owners that look in several sets (one per page size) in one lookup, by
     * {@link #find}.
     */
    public void counted(int entry) {
        lookups.increment();
        if (entry == NONE) {
            misses.increment();
        } else {
            hits.increment();
            lastHit.set(entry);
            replacement.used(entry);
        }
    }

    /** Looks an entry up without counting it and without marking it as used. */
    public int find(long index, long address, long tagA, long tagB) {
        int first = firstOf(index);
        int recent = lastHit.get();
        // Most accesses follow one to the same page; with many ways this saves the scan.
        if (recent >= first && recent < first + ways && words.find(recent, 1, address, tagA, tagB) == recent) {
            return recent;
        }
        return words.find(first, ways, address, tagA, tagB);
    }

    /**
     * Makes an entry with all values zero: in place of one with the same tags that covers its address if there is one, else
     * in the lowest invalid way of the set, else in place of a victim.
     *
     * @param index set index, as in {@link #lookup}
     * @param mask which address bits count; not 0 (an entry without an address has mask -1 and address 0)
     * @return the entry's number; the caller sets its values
     */
    public int insert(long index, long address, long mask, long tagA, long tagB) {
        return insert(index, address, mask, tagA, tagB, 0, ways);
    }

    /**
     * {@link #insert} that takes only some of the set's ways for an entry that is not there yet.
     *
     * @param from first way
     * @param count how many ways; with one nobody has to be chosen
     */
    public int insert(long index, long address, long mask, long tagA, long tagB, int from, int count) {
        if (mask == 0) {
            throw new IllegalArgumentException(name + ": an entry needs an address mask");
        }
        int first = firstOf(index);
        int entry = words.find(first, ways, address & mask, tagA, tagB);
        if (entry == NONE) {
            entry = place(first, from, count);
        }
        if (words.mask(entry) == 0) {
            valid.add(1);
        }
        words.fill(entry, address & mask, mask, tagA, tagB);
        insertions.increment();
        replacement.filled(entry);
        return entry;
    }

    private int place(int first, int from, int count) {
        int invalid = words.firstInvalid(first + from, count);
        if (invalid != NONE) {
            return invalid;
        }
        evictions.increment();
        return first + from + (count == 1 ? 0 : replacement.victim(first, count));
    }

    private int firstOf(long index) {
        return SetIndex.of(index, sets) * ways;
    }

    /** True if an entry lies in the set of an index. */
    public boolean inSet(int entry, long index) {
        return entry / ways * ways == firstOf(index);
    }

    /** Removes all entries that a predicate chooses; returns how many. */
    public int invalidate(EntryPredicate predicate) {
        if (valid.get() == 0) {
            return 0;
        }
        int count = 0;
        for (int entry = 0; entry < entries; entry++) {
            if (words.mask(entry) != 0 && predicate.matches(this, entry)) {
                words.clear(entry);
                count++;
            }
        }
        valid.add(-count);
        invalidated.add(count);
        return count;
    }

    /** Removes all entries; returns how many. */
    public int invalidateAll() {
        int count = valid.get();
        if (count == 0) {
            return 0;
        }
        for (int entry = 0; entry < entries; entry++) {
            if (words.mask(entry) != 0) {
                words.clear(entry);
            }
        }
        valid.set(0);
        invalidated.add(count);
        return count;
    }

    /** The first valid entry at or after {@code from}, or {@link #NONE}: a walk over all entries starts at 0. */
    public int nextValid(int from) {
        for (int entry = from; entry < entries; entry++) {
            if (words.mask(entry) != 0) {
                return entry;
            }
        }
        return NONE;
    }

    /** Address of a valid entry, under its mask. */
    public long address(int entry) {
        return words.address(entry);
    }

    /** Address mask of an entry; 0 if it is invalid. */
    public long mask(int entry) {
        return words.mask(entry);
    }

    /** First tag of a valid entry. */
    public long tagA(int entry) {
        return words.tagA(entry);
    }

    /** Second tag of a valid entry. */
    public long tagB(int entry) {
        return words.tagB(entry);
    }

    /** A value of a valid entry. */
    public long value(int entry, int which) {
        return words.value(entry, which);
    }

    /** Copies values of a valid entry from the one at {@code from} on, as many as there is room for. */
    public void values(int entry, int from, long[] into) {
        words.values(entry, from, into);
    }

    /** Sets a value of a valid entry. */
    public void value(int entry, int which, long newValue) {
        words.value(entry, which, newValue);
    }

    @Override
    public String toString() {
        return name + " (" + valid.get() + " of " + entries + ")";
    }
}
