package org.iommusim.sim.event;

/**
 * Decides which lane's head runs next. A scheduler has exactly one; the models do not know which.
 *
 * @see TimedChoice
 */
public interface LaneChoice {
    /** An event was scheduled: it is in {@code slot} of the scheduler's pool, on {@code lane}, due at {@code timePs}. */
    void added(int slot, Lane lane, long timePs);

    /** A pending event was taken back. */
    void cancelled(int slot);

    /**
     * Takes the next slot; the head of that slot's lane runs.
     *
     * @return the slot, or 0 if nothing is pending
     */
    int next(Scheduler scheduler);

    /** Earliest time at which something is due, ps; {@link Long#MAX_VALUE} if nothing is, or if time means nothing. */
    long nextTime();

    /** True if lanes are chosen by time; otherwise times are labels. */
    default boolean timed() {
        return true;
    }
}
