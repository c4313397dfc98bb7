package org.iommusim.sim.explore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Runs one schedule that is given as its list of lanes. */
public final class Replay {
    private Replay() {}

    /**
     * Runs lanes from the subject's present state and leaves it where they end.
     *
     * @return the violation that the last lane or the end behind it shows; null if there is none
     * @throws IllegalArgumentException if a lane is not enabled where it is to run, or something violates earlier
     */
    public static @Nullable Counterexample run(Subject subject, int[] lanes) {
        int[] enabled = new int[subject.lanes()];
        int count = subject.enabled(enabled);
        int preemptions = 0;
        for (int i = 0; i < lanes.length; i++) {
            int lane = lanes[i];
            if (!isIn(enabled, count, lane)) {
                throw new IllegalArgumentException("transition " + i + ": lane " + lane + " is not enabled");
            }
            if (i > 0 && lanes[i - 1] != lane && isIn(enabled, count, lanes[i - 1])) {
                preemptions++;
            }
            if (!subject.step(lane)) {
                return lastOf(lanes, i, preemptions, subject);
            }
            if (enabled.length < subject.lanes()) {
                enabled = new int[subject.lanes()];
            }
            count = subject.enabled(enabled);
        }
        return count > 0 || subject.end()
                ? null
                : Counterexample.of(preemptions, lanes, lanes.length, subject.violations());
    }

    private static Counterexample lastOf(int[] lanes, int violating, int preemptions, Subject subject) {
        if (violating != lanes.length - 1) {
            throw new IllegalArgumentException("transition " + violating + " violates before the list of lanes ends");
        }
        return Counterexample.of(preemptions, lanes, lanes.length, subject.violations());
    }

    private static boolean isIn(int[] enabled, int count, int lane) {
        return Arrays.binarySearch(enabled, 0, count, lane) >= 0;
    }
}
