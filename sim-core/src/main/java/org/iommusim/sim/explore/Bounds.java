package org.iommusim.sim.explore;

/**
 * How far an exploration may go. Whatever ends a search early is named in its {@link Exploration}.
 *
 * <p>A preemption is to run another lane although the one that ran last is still enabled; the first transition of a
 * schedule and going on after a lane that has nothing to do cost none.
 *
 * @param preemptions most preemptions of a schedule, or {@link #UNLIMITED}; schedules with more are not asked for
 * @param maxSchedules most schedules that are run to their end, or {@link #NO_MAXIMUM}
 * @param maxDepth most transitions of a schedule; longer ones are cut and make the result not exhaustive
 * @param maxBytes most memory that the engine's own tables may take, bytes; never more than half of the heap
 */
public record Bounds(int preemptions, long maxSchedules, int maxDepth, long maxBytes) {
    /** Preemptions are not counted. */
    public static final int UNLIMITED = Integer.MAX_VALUE;

    /** No limit on a number of schedules. */
    public static final long NO_MAXIMUM = Long.MAX_VALUE;

    private static final int DEFAULT_DEPTH = 100_000;
    private static final long DEFAULT_BYTES = 1L << 30;

    /** Checks that no bound is negative and that at least one transition is allowed. */
    public Bounds {
        if (preemptions < 0 || maxSchedules < 1 || maxDepth < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("bounds must be positive: preemptions " + preemptions + ", schedules "
                    + maxSchedules + ", depth " + maxDepth + ", bytes " + maxBytes);
        }
    }

    /** Every schedule, with 1 GiB for tables. */
    public static Bounds unlimited() {
        return new Bounds(UNLIMITED, NO_MAXIMUM, DEFAULT_DEPTH, DEFAULT_BYTES);
    }

    /** The same with at most this many preemptions. */
    public Bounds withPreemptions(int most) {
        return new Bounds(most, maxSchedules, maxDepth, maxBytes);
    }

    /** The same with at most this many schedules. */
    public Bounds withMaxSchedules(long most) {
        return new Bounds(preemptions, most, maxDepth, maxBytes);
    }

    /** The same with at most this many transitions in a schedule. */
    public Bounds withMaxDepth(int most) {
        return new Bounds(preemptions, maxSchedules, most, maxBytes);
    }

    /** The same with at most this many bytes of tables. */
    public Bounds withMaxBytes(long most) {
        return new Bounds(preemptions, maxSchedules, maxDepth, most);
    }

    /** True if preemptions are counted. */
    public boolean preemptionBounded() {
        return preemptions != UNLIMITED;
    }
}
