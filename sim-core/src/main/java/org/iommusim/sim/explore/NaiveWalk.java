package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/** The depth-first walk of {@link NaiveSearch} over all schedules of one subject, in lexicographic order. */
final class NaiveWalk {
    /** Transitions between two looks at the listener. */
    private static final int BETWEEN_LOOKS = 512;

    private final Cursor cursor;
    private final Bounds bounds;
    private final ExploreProgress progress;
    private final @Nullable ScheduleListener listener;

    /** The alternatives at each depth, one after the other. */
    private int[] choices = new int[256];

    private int[] next = new int[64];
    private int[] end = new int[64];
    /** Whether the lane that ran last is still enabled at a depth: all others are preemptions. */
    private boolean[] goesOn = new boolean[64];
    /** Preemptions up to each depth. */
    private int[] spent = new int[64];
    /** The share of the tree of schedules that lies below the node at each depth. */
    private double[] share = new double[64];

    private int most;
    private long schedules;
    private long transitions;
    private long cut;
    private int longest;
    private long firstViolation;
    /** Schedules of the present run, and the share of its tree that they are. */
    private long ended;

    private double done;
    private @Nullable Counterexample best;
    private @Nullable Stop stopped;

    NaiveWalk(Cursor cursor, Bounds bounds, ExploreProgress progress, @Nullable ScheduleListener listener) {
        this.cursor = cursor;
        this.bounds = bounds;
        this.progress = progress;
        this.listener = listener;
    }

    /**
     * Runs every schedule with at most this many preemptions.
     *
     * @param firstOnly true to stop at the first violation
     */
    void run(int preemptions, boolean firstOnly) {
        most = preemptions;
        ended = 0;
        done = 0;
        share[0] = 1;
        spent[0] = 0;
        cursor.backTo(0);
        int depth = arrive(0) ? 0 : -1;
        while (depth >= 0 && stopped == null && !(firstOnly && best != null)) {
            if (next[depth] < end[depth]) {
                if (forward(depth, choices[next[depth]++])) {
                    depth++;
                } else {
                    cursor.backTo(depth);
                }
            } else if (--depth >= 0) {
                cursor.backTo(depth);
            }
        }
    }

    /** Runs one transition; true if the schedule goes on from there. */
    private boolean forward(int depth, int lane) {
        int reached = depth + 1;
        if (reached + 1 >= next.length) {
            makeRoom();
        }
        boolean preemption = goesOn[depth] && lane != cursor.lane(depth - 1);
        spent[reached] = spent[depth] + (preemption ? 1 : 0);
        share[reached] = share[depth] / (end[depth] - (depth == 0 ? 0 : end[depth - 1]));
        if (++transitions % BETWEEN_LOOKS == 0) {
            report();
        }
        if (!cursor.step(lane)) {
            finish(reached, true);
            return false;
        }
        return arrive(reached);
    }

    private void makeRoom() {
        int length = 2 * next.length;
        next = Arrays.copyOf(next, length);
        end = Arrays.copyOf(end, length);
        goesOn = Arrays.copyOf(goesOn, length);
        spent = Arrays.copyOf(spent, length);
        share = Arrays.copyOf(share, length);
    }

    /** Collects the alternatives at a depth; false if the schedule ends here. */
    private boolean arrive(int depth) {
        int[] room = cursor.roomForLanes();
        int count = cursor.enabled(room);
        if (count == 0) {
            finish(depth, !cursor.subject().end());
            return false;
        }
        if (best != null && listener == null && depth >= best.lanes().size()) {
            done += share[depth];
            return false;
        }
        if (depth == bounds.maxDepth()) {
            cut++;
            finish(depth, false);
            return false;
        }
        int begin = depth == 0 ? 0 : end[depth - 1];
        if (begin + count > choices.length) {
            choices = Arrays.copyOf(choices, 2 * (begin + count));
        }
        int previous = depth == 0 ? -1 : cursor.lane(depth - 1);
        boolean on = false;
        for (int i = 0; i < count; i++) {
            choices[begin + i] = room[i];
            on |= room[i] == previous;
        }
        goesOn[depth] = on;
        if (on && spent[depth] == most) {
            choices[begin] = previous;
            count = 1;
        }
        next[depth] = begin;
        end[depth] = begin + count;
        return true;
    }

    private void finish(int depth, boolean violated) {
        schedules++;
        ended++;
        done += share[depth];
        longest = Math.max(longest, depth);
        if (violated) {
            firstViolation = firstViolation == 0 ? schedules : firstViolation;
            Counterexample found = Counterexample.of(
                    spent[depth], cursor.lanes(), depth, cursor.subject().violations());
            if (best == null || Counterexample.LEAST_FIRST.compare(found, best) < 0) {
                best = found;
            }
        }
        if (listener != null) {
            listener.ended(cursor, violated);
        }
        if (schedules >= bounds.maxSchedules()) {
            stopped = Stop.SCHEDULES;
        }
    }

    private void report() {
        String level = most == Bounds.UNLIMITED ? "all schedules" : "at most " + most + " preemptions";
        progress.update(level, schedules, 0, done);
        if (progress.cancelled()) {
            stopped = Stop.CANCELLED;
        }
    }

    /** The number of the first schedule that violated something, from 1, over all runs; 0 if there was none. */
    long firstViolation() {
        return firstViolation;
    }

    /** Forgets the counterexample, so that the next run looks for the least of its own. */
    void forget() {
        best = null;
    }

    /** Schedules run to their end, in all runs. */
    long schedules() {
        return schedules;
    }

    /** Transitions run, in all runs; those run again after going back do not count. */
    long transitions() {
        return transitions;
    }

    /** Schedules cut at the bound on depth, in all runs. */
    long cut() {
        return cut;
    }

    /** Transitions of the longest schedule. */
    int longest() {
        return longest;
    }

    /** About how many schedules the last run has in all: each one stands for those that share its early choices. */
    double estimate() {
        return done > 0 ? ended / done : Double.NaN;
    }

    /** The least counterexample since {@link #forget}. */
    @Nullable
    Counterexample best() {
        return best;
    }

    /** Why it had to stop before the end; null if it had not. */
    @Nullable
    Stop stopped() {
        return stopped;
    }
}
