package org.iommusim.hw.contract;

/** Mistakes that every device can be given, to see whether the stale-use checker notices. */
public enum Mistake {
    /** Invalidations do not find cached translations of large pages. */
    MISSES_LARGE_PAGES,
    /** An invalidation does not look at requests under way. */
    FORGETS_FLIGHTS,
    /** Completion does not wait for requests under way. */
    COMPLETES_TOO_EARLY
}
