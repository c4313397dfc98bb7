package org.iommusim.hw.cache;

/** Which valid entry of a full set has to go. An invalid way is always taken first, the lowest one. */
public enum Replacement {
    /** In turn, by one counter for the whole structure (not one per set), incremented before each replacement. */
    ROUND_ROBIN,
    /** The one whose last hit or fill is the longest ago. */
    LRU,
    /** Any, drawn from the cache's own random stream. */
    RANDOM,
    /** A binary tree of bits per set that points away from recent use; the number of ways is a power of two up to 64. */
    PSEUDO_LRU,
    /** The one whose last hit is the longest ago, as gem5 counts: one that was never hit since its fill goes first. */
    LRU_BY_HITS,
    /** Any, drawn as gem5 draws: from a 64-bit Mersenne twister with the seed of {@link CacheShape#seed}. */
    TWISTER;

    private static final Replacement[] ALL = values();

    /**
     * The policy with this number, as parameters spell it: 0 round robin, 1 LRU, 2 random, 3 pseudo LRU, 4 LRU by hits, 5
     * Mersenne twister.
     */
    public static Replacement of(long number) {
        return ALL[Math.toIntExact(number)];
    }
}
