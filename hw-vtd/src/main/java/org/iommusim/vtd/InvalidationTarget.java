package org.iommusim.vtd;

/** What the invalidation queue and the invalidation registers work on: the unit's caches and the requests under way. */
interface InvalidationTarget {
    /** A descriptor about translations is about to take effect. */
    void issued(long w0, long w1);

    /** An invalidation takes effect: now, everywhere. */
    void invalidate(Invalidation what);

    /** Interrupt entries are invalidated. */
    void invalidate(InterruptRemapping.Entries entries);

    /** Counts as an invalidation that has to wait for all that is under way. */
    void drain();

    /** How many invalidations have taken effect since one had to wait for a request under way; 0 if none has. */
    int invalidations();

    /**
     * True while a request is under way for which one of the first so many invalidations has to wait; not to be asked for
     * this number again once it is false.
     */
    boolean awaited(int first);

    /** How many descriptors promise something of which software has not been told that it is complete. */
    int promises();

    /** Software is about to be told that the first so many of the {@link #promises} are kept. */
    void completed(String by, int first);
}
