package org.iommusim.sim.memory;

/**
 * How long memory takes.
 *
 * @param latencyPs from the start of a transfer that misses the last-level cache to its answer, ps
 * @param cacheHitPs the same for a hit, ps; used only with a cache
 * @param psPerLine how long one 64-byte line occupies the channel, ps; 0 means unlimited bandwidth
 * @param outstanding how many accesses may be in flight; 0 means any number
 * @param cacheBytes size of the last-level cache, whole sets of lines; 0 means none
 * @param cacheWays its associativity
 * @param inOrder true: answers leave one by one in the order of the accesses, as from gem5's SimpleMemory, and the event
 *     of the next answer comes into being only when the one before it was delivered; where ties are broken last in first
 *     out, that decides who contends first for what follows
 */
public record MemoryTiming(
        long latencyPs,
        long cacheHitPs,
        long psPerLine,
        int outstanding,
        long cacheBytes,
        int cacheWays,
        boolean inOrder) {
    /** Bytes in a line. */
    public static final int LINE_BYTES = 64;

    /** Checks ranges. */
    public MemoryTiming {
        boolean cache = cacheWays > 0 && cacheBytes % ((long) cacheWays * LINE_BYTES) == 0;
        if (latencyPs < 0 || cacheHitPs < 0 || psPerLine < 0 || outstanding < 0 || cacheBytes < 0 || !cache) {
            throw new IllegalArgumentException("impossible memory timing: " + this);
        }
    }

    /** Memory whose answers may overtake each other. */
    public MemoryTiming(
            long latencyPs, long cacheHitPs, long psPerLine, int outstanding, long cacheBytes, int cacheWays) {
        this(latencyPs, cacheHitPs, psPerLine, outstanding, cacheBytes, cacheWays, false);
    }

    /** Memory that answers every access after the same time, any number at once. */
    public static MemoryTiming fixed(long latencyPs) {
        return new MemoryTiming(latencyPs, 0, 0, 0, 0, 1);
    }

    /** The same memory, but its answers leave in order. */
    public MemoryTiming answeringInOrder() {
        return new MemoryTiming(latencyPs, cacheHitPs, psPerLine, outstanding, cacheBytes, cacheWays, true);
    }
}
