package org.iommusim.scenario.explore;

import java.util.List;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Exploration;
import org.jspecify.annotations.Nullable;

/**
 * What became of one exploration; all that any output shows.
 *
 * @param setup what was explored
 * @param exploration what the engine says
 * @param choices the least counterexample as the names of its lanes; empty if there is none
 * @param replayed the same as it was run again, or {@code null}
 * @param symmetry which threads are interchangeable, or why none are although they looked so; empty if none do
 * @param accepted accepted deviations that showed, in alphabetical order
 * @param ended who ended it
 */
public record ExploreResult(
        ExploreSetup setup,
        Exploration exploration,
        List<String> choices,
        @Nullable ReplayedSchedule replayed,
        String symmetry,
        List<String> accepted,
        Ended ended) {
    /** Who ends an exploration. */
    public enum Ended {
        /** Itself, or whoever pressed Ctrl-C: its figures are what it has counted. */
        AS_COUNTED,
        /** The option {@code --time}: only what was searched completely is told, which does not depend on the host. */
        BY_TIME
    }

    /** Copies the lists. */
    public ExploreResult {
        choices = List.copyOf(choices);
        accepted = List.copyOf(accepted);
    }

    /** The same, ended by somebody. */
    public ExploreResult ended(Ended by) {
        return new ExploreResult(setup, exploration, choices, replayed, symmetry, accepted, by);
    }

    /** What the checkers said in the end of the least counterexample; empty if there is none. */
    public List<Violation> violations() {
        return exploration.counterexample() == null
                ? List.of()
                : exploration.counterexample().violations();
    }

    /** Names of the checkers that object to the least counterexample. */
    public List<String> found() {
        return violations().stream().map(Violation::checker).distinct().toList();
    }
}
