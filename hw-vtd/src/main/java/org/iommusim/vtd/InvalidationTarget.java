package org.iommusim.vtd;

/** What the invalidation queue and the invalidation registers work on: the unit's caches and the requests under way. */
interface InvalidationTarget {
    /** A descriptor about translations is about to take effect. */
    void issued(long w0, long w1);

    /** An invalidation takes effect: now, everywhere. */
    void invalidate(Invalidation what);

    /** Interrupt entries are invalidated. */
    void invalidate(InterruptRemapping.Entries entries);

    /** How many invalidations have taken effect so far. */
    long invalidations();

    /** True while a request is under way for which one of the first so many invalidations has to wait. */
    boolean awaited(long first);

    /** How many descriptors have been issued so far. */
    long promises();

    /** Software is about to be told that the first so many descriptors are complete. */
    void completed(String by, long first);
}
