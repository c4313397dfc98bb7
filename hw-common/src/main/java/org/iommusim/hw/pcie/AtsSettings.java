package org.iommusim.hw.pcie;

/**
 * What a function's ATS and page request capabilities are, and its translation cache.
 *
 * @param entries entries of its address translation cache
 * @param lookupPs how long a lookup takes, ps
 * @param stuShift log2 of the smallest translation unit, at least 12: translation requests are aligned to it
 * @param invalidateQueueDepth invalidation requests that it takes at a time, 1 to 32
 * @param completions how many completions it sends for each invalidation request, one per traffic class, 1 to 8
 * @param pageRequests page requests that it may have outstanding; 0: it has no page request interface
 * @param pageRetries how often it asks for the same page before it gives up
 */
public record AtsSettings(
        int entries,
        long lookupPs,
        int stuShift,
        int invalidateQueueDepth,
        int completions,
        int pageRequests,
        int pageRetries) {
    /** A function with 64 entries, 4 KiB units, 32 invalidations and 32 page requests at a time. */
    public static final AtsSettings DEFAULT = new AtsSettings(64, 0, 12, 32, 1, 32, 8);

    /** Checks ranges. */
    public AtsSettings {
        boolean cache = entries > 0 && lookupPs >= 0 && stuShift >= 12 && stuShift < 44;
        boolean queues =
                invalidateQueueDepth >= 1 && invalidateQueueDepth <= 32 && completions >= 1 && completions <= 8;
        if (!cache || !queues || pageRequests < 0 || pageRequests > 512 || pageRetries < 0) {
            throw new IllegalArgumentException("impossible ATS settings: " + this);
        }
    }
}
