package org.iommusim.sim.explore;

import java.util.List;

/**
 * Works out a small counterexample from any one that is known: every schedule with no more preemptions, level by level, as
 * far as {@value #SCHEDULES} schedules go. Small systems get the least one there is; large ones keep what was found.
 */
final class LeastCounterexample {
    /** Schedules that are run for it; a second or so. */
    static final long SCHEDULES = 500_000;

    private LeastCounterexample() {}

    /** The least counterexample that was seen, {@code known} included. */
    static Counterexample of(Cursor cursor, Counterexample known, ExploreProgress progress) {
        Bounds bounds = Bounds.unlimited()
                .withMaxSchedules(SCHEDULES)
                .withMaxDepth(known.lanes().size());
        NaiveWalk walk = new NaiveWalk(cursor, bounds, progress, null);
        Counterexample least = known;
        for (int level = 0; level <= known.preemptions() && walk.stopped() == null; level++) {
            walk.run(level, false);
            Counterexample best = walk.best();
            if (best != null) {
                return List.of(best, least).stream()
                        .min(Counterexample.LEAST_FIRST)
                        .orElseThrow();
            }
        }
        return least;
    }
}
