package org.iommusim.sim.explore;

/** Listens to an exploration and may stop it. An engine with several workers calls from one of them at a time. */
public interface ExploreProgress {
    /** Nobody listens and nobody stops it. */
    ExploreProgress NONE = (level, schedules, states, fraction) -> {};

    /**
     * Something to show. An engine knows no clock: it calls this every few hundred transitions, and a listener drops what
     * comes too often.
     *
     * @param level what is being searched, e.g. {@code at most 2 preemptions}
     * @param schedules schedules run to their end so far
     * @param states different states so far; 0 if the engine does not tell them apart
     * @param fraction about how much of this level is done, 0 to 1; NaN if unknown
     */
    void update(String level, long schedules, long states, double fraction);

    /**
     * True if the search shall end now with what it has; asked often and by any worker, so it must be quick and safe to
     * call from any thread.
     */
    default boolean cancelled() {
        return false;
    }

    /**
     * True if the search shall save a checkpoint now, if it can, and go on; once it did, {@link #saved} is called. Quick
     * and safe as {@link #cancelled}.
     */
    default boolean wantsCheckpoint() {
        return false;
    }

    /** A checkpoint has been saved. */
    default void saved() {}
}
