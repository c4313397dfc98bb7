package org.iommusim.sim.memory;

/**
 * How long memory takes.
 *
 * @param latencyPs from the start of a transfer that misses the last-level cache to its answer, ps
 * @param cacheHitPs the same for a hit, ps; used only with a cache
 * @param psPerLine how long one 64-byte line occupies the channel, ps; 0 means unlimited bandwidth
 * @param outstanding how many accesses may be in flight; 0 means any number
 * @param cacheBytes size of the last-level cache, a power of two; 0 means none
 * @param cacheWays its associativity, a power of two
 */
public record MemoryTiming(
        long latencyPs, long cacheHitPs, long psPerLine, int outstanding, long cacheBytes, int cacheWays) {
    /** Bytes in a line. */
    public static final int LINE_BYTES = 64;

    /** Checks ranges. */
    public MemoryTiming {
        boolean cache = cacheBytes == 0
                || Long.bitCount(cacheBytes) == 1
                        && Integer.bitCount(cacheWays) == 1
                        && cacheBytes >= (long) cacheWays * LINE_BYTES;
        if (latencyPs < 0 || cacheHitPs < 0 || psPerLine < 0 || outstanding < 0 || cacheBytes < 0 || !cache) {
            throw new IllegalArgumentException("impossible memory timing: " + this);
        }
    }

    /** Memory that answers every access after the same time, any number at once. */
    public static MemoryTiming fixed(long latencyPs) {
        return new MemoryTiming(latencyPs, 0, 0, 0, 0, 1);
    }
}
