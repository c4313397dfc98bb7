package org.iommusim.sim.explore;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that tables may still take; shared by all workers. */
final class MemoryBudget {
    private final AtomicLong left;

    MemoryBudget(long bytes) {
        left = new AtomicLong(bytes);
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
