package org.iommusim.hw.cache;

/**
 * Size of a cache.
 *
 * @param entries how many entries in all
 * @param ways how many entries in a set; 0 means all of them (fully associative)
 * @param values how many 64-bit values an entry holds
 * @param replacement who has to go when a set is full
 * @param seed for {@link Replacement#TWISTER}: where its numbers begin
 */
public record CacheShape(int entries, int ways, int values, Replacement replacement, long seed) {
    /** A shape whose policy needs no seed. */
    public CacheShape(int entries, int ways, int values, Replacement replacement) {
        this(entries, ways, values, replacement, 0);
    }

    /** Resolves 0 ways and checks that sets come out even. */
    public CacheShape {
        ways = ways == 0 ? entries : ways;
        if (entries < 1 || ways < 1 || values < 0 || entries % ways != 0) {
            throw new IllegalArgumentException(
                    "a cache of " + entries + " entries cannot have " + ways + " ways and " + values + " values");
        }
        if (replacement == Replacement.PSEUDO_LRU && (Integer.bitCount(ways) != 1 || ways > Long.SIZE)) {
            throw new IllegalArgumentException("pseudo LRU needs a power of two up to 64 ways, not " + ways);
        }
    }

    /** Number of sets. */
    public int sets() {
        return entries / ways;
    }
}
