package org.iommusim.sim.explore;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.iommusim.sim.check.Violation;

/**
 * A schedule that ends in a violation.
 *
 * @param preemptions how often a lane was left that was still enabled
 * @param lanes the lane of each transition, in order; the last one violates, or the end that it reaches
 * @param violations what the checkers said, at least one
 */
public record Counterexample(int preemptions, List<Integer> lanes, List<Violation> violations) {
    /**
     * The order in which counterexamples are preferred: fewest preemptions, then fewest transitions, then the lane list
     * that is first in lexicographic order. Two different schedules never compare as equal.
     */
    public static final Comparator<Counterexample> LEAST_FIRST = Comparator.comparingInt(Counterexample::preemptions)
            .thenComparingInt(example -> example.lanes.size())
            .thenComparing(Counterexample::laneArray, Arrays::compare);

    /** Copies the lists and checks that there is a violation. */
    public Counterexample {
        lanes = List.copyOf(lanes);
        violations = List.copyOf(violations);
        if (violations.isEmpty()) {
            throw new IllegalArgumentException("a counterexample without a violation: " + lanes);
        }
    }

    /** Makes a counterexample of the first {@code length} lanes of an array. */
    public static Counterexample of(int preemptions, int[] lanes, int length, List<Violation> violations) {
        return new Counterexample(
                preemptions, Arrays.stream(lanes, 0, length).boxed().toList(), violations);
    }

    /** The lanes as an array of their own. */
    public int[] laneArray() {
        return lanes.stream().mapToInt(Integer::intValue).toArray();
    }

    /** How many different lanes take part. */
    public int actors() {
        return (int) lanes.stream().distinct().count();
    }
}
