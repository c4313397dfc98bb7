package org.iommusim.sim.explore;

import java.util.List;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;

/**
 * Guesses how many traces a system has, before they are run: random walks down the tree that sleep sets leave, in which
 * every trace is one leaf (Knuth, "Estimating the efficiency of backtrack programs", 1975). A walk that comes to an end
 * counts for the product of its numbers of alternatives, one that falls asleep for nothing; the mean has the right
 * expectation, but a few large values carry it, so it is often too low when there are many traces.
 */
final class TraceEstimate {
    private final Cursor cursor;
    private final Subject subject;
    private final int maxDepth;
    private final RandomStream random;
    private final LaneNumbers lanes = new LaneNumbers();
    private final AccessHistory history = new AccessHistory();
    private final SleepSets sleep = new SleepSets();
    /** The last transition depends on everything. */
    private boolean barrier;

    private long transitions;
    private double sum;
    private int walks;

    /**
     * Probes the system below where the cursor's schedule begins.
     *
     * @param part estimates with the same number draw the same numbers
     */
    TraceEstimate(Cursor cursor, int maxDepth, int part) {
        this.cursor = cursor;
        this.subject = cursor.subject();
        this.maxDepth = maxDepth;
        random = new RandomStreams(0).split("explore.trace-estimate." + part);
    }

    /** Walks until so many transitions have been run; the last walk goes to its end. */
    void walk(long most) {
        subject.recordAccesses(true);
        while (transitions < most) {
            sum += probe();
            walks++;
        }
    }

    /** The mean of all walks of some estimates; NaN if a walk did not end. */
    static double mean(List<TraceEstimate> parts) {
        double sum = 0;
        int walks = 0;
        for (TraceEstimate part : parts) {
            sum += part.sum;
            walks += part.walks;
        }
        return sum / walks;
    }

    private double probe() {
        cursor.backTo(0);
        sleep.open();
        history.backTo(0);
        double weight = 1;
        for (int depth = 0; depth < maxDepth; depth++) {
            int[] room = cursor.roomForLanes();
            long enabled = lanes.set(room, cursor.enabled(room));
            if (depth > 0) {
                sleep.descend(depth - 1, enabled, barrier, history);
            }
            if (enabled == 0) {
                return weight;
            }
            long awake = enabled & ~sleep.asleep(depth);
            if (awake == 0) {
                return 0;
            }
            weight *= Long.bitCount(awake);
            if (!down(depth, awake, random.nextInt(Long.bitCount(awake)))) {
                return weight;
            }
        }
        return Double.NaN;
    }

    /** Runs the chosen one of the lanes; those before it are looked at first and go to sleep. */
    private boolean down(int depth, long awake, int chosen) {
        long rest = awake;
        for (int i = 0; ; i++) {
            int lane = Long.numberOfTrailingZeros(rest);
            rest &= rest - 1;
            cursor.settle();
            barrier = subject.dependsOnAll(lanes.lane(lane));
            transitions++;
            boolean right = cursor.step(lanes.lane(lane));
            barrier |= !right;
            history.add(subject.accesses());
            if (i == chosen) {
                return right;
            }
            if (!barrier) {
                sleep.add(depth, lane, history);
            }
            history.backTo(depth);
            cursor.backTo(depth);
        }
    }
}
