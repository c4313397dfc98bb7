package org.iommusim.sim.explore;

import org.jspecify.annotations.Nullable;

/**
 * How far the levels have come.
 *
 * @param next the number of preemptions to search next: all smaller ones have been searched
 * @param safe the largest number of preemptions that is known to be safe; -1 if none is
 * @param known a violating schedule, perhaps not the least; null if none was found yet
 */
record LevelPosition(int next, int safe, @Nullable Counterexample known) {
    /** Nothing has been searched. */
    static final LevelPosition FIRST = new LevelPosition(0, -1, null);

    LevelPosition withKnown(@Nullable Counterexample violating) {
        return new LevelPosition(next, safe, violating);
    }

    /** The next level was searched without a violation; if schedules were cut, that says nothing about those. */
    LevelPosition completed(boolean cut) {
        return new LevelPosition(next + 1, cut || safe != next - 1 ? safe : next, known);
    }
}
