package org.iommusim.vtd;

import org.iommusim.hw.control.InvalidationProgress;

/** What the invalidation queue and the invalidation registers work on: the unit's caches and the requests under way. */
interface InvalidationTarget extends InvalidationProgress {
    /** A descriptor about translations is about to take effect. */
    void issued(long w0, long w1);

    /** An invalidation takes effect: now, everywhere. */
    void invalidate(Invalidation what);

    /** Interrupt entries are invalidated. */
    void invalidate(InterruptRemapping.Entries entries);

    /** Counts as an invalidation that has to wait for all that is under way. */
    void drain();
}
