package org.iommusim.sim.explore;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that tables may still take; shared by all workers. */
final class MemoryBudget {
    private final AtomicLong left;

    MemoryBudget(long bytes) {
        left = new AtomicLong(bytes);
    }

    /**
     * What tables may take of what was asked for: at most half of the heap, so that a search ends with a result before the
     * Java machine ends without.
     *
     * @param asked bytes asked for
     * @param heap most bytes of the heap
     */
    static long within(long asked, long heap) {
        return Math.max(1, Math.min(asked, heap / 2));
    }

    /** Takes bytes if there are so many left, and says whether. */
    boolean take(long bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }
}
