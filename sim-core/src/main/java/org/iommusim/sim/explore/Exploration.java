package org.iommusim.sim.explore;

import org.jspecify.annotations.Nullable;

/**
 * What an exploration found. Apart from searches that were stopped half-way (by {@link Stop#SCHEDULES}, {@link
 * Stop#MEMORY} or {@link Stop#CANCELLED}) it does not depend on the number of workers.
 *
 * @param engine the engine's name, e.g. {@code stateful}
 * @param reduction what was left out because it can show nothing new: {@code none}, or a name
 * @param bounds what was asked for
 * @param stop why it ended
 * @param reason the same in one sentence, with figures
 * @param exhaustive true if every schedule within the bounds is safe, and this is proven: the combination of engine,
 *     reduction and bound has a {@link ProvenCombination}
 * @param completedPreemptions the largest bound on preemptions below which everything was searched and found safe;
 *     {@link Bounds#UNLIMITED} if that is all there is, -1 if none
 * @param schedules schedules that were run to their end (or violation, or cut)
 * @param states different states seen; 0 if the engine does not tell them apart
 * @param transitions transitions between them; for a stateless engine, transitions run
 * @param maxDepth transitions of the longest schedule
 * @param estimatedSchedules about how many schedules there are within the bounds (after the reduction); NaN if unknown
 * @param counterexample the least one, see {@link Counterexample#LEAST_FIRST}; null if none was found
 */
public record Exploration(
        String engine,
        String reduction,
        Bounds bounds,
        Stop stop,
        String reason,
        boolean exhaustive,
        int completedPreemptions,
        long schedules,
        long states,
        long transitions,
        int maxDepth,
        double estimatedSchedules,
        @Nullable Counterexample counterexample) {

    /** No reduction. */
    public static final String NO_REDUCTION = "none";

    /** Why an exploration ended. */
    public enum Stop {
        /** Everything within the bounds was searched. */
        COMPLETE,
        /** A violation was found, and the least one was worked out. */
        COUNTEREXAMPLE,
        /** As many samples were taken as were asked for. */
        SAMPLED,
        /** The bound on schedules was reached. */
        SCHEDULES,
        /** Everything was searched except behind schedules that were cut at the bound on depth. */
        DEPTH,
        /** Tables would need more memory than the bound allows. */
        MEMORY,
        /** The listener asked for it. */
        CANCELLED
    }

    /** Refuses a claim that nothing proves. */
    public Exploration {
        if (exhaustive && (stop != Stop.COMPLETE || counterexample != null)) {
            throw new IllegalArgumentException("exhaustive, but stopped by " + stop);
        }
        if (exhaustive && !ProvenCombination.covers(engine, reduction, bounds)) {
            throw new IllegalArgumentException(
                    "no differential test covers " + engine + " with reduction " + reduction + " within " + bounds);
        }
    }

    /** True if a violation was found. */
    public boolean violated() {
        return counterexample != null;
    }
}
