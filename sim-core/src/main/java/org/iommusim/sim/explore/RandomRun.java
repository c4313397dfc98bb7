package org.iommusim.sim.explore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Some schedules of {@link RandomSchedules} that one picker chooses over one subject, and what they met. */
final class RandomRun {
    private final Cursor cursor;
    private final Subject subject;
    private final SchedulePicker picker;
    private final int maxDepth;
    private final @Nullable TraceHash trace;
    /** By schedule. */
    private long[] traces = new long[RandomSchedules.BATCH];

    private long[] ends = new long[RandomSchedules.BATCH];
    private int schedules;
    private long transitions;
    private long cut;
    private int longest = 1;
    private @Nullable Counterexample found;

    /** Makes a run; {@code trace} works out the traces of its schedules, or they are not wanted. */
    RandomRun(Cursor cursor, SchedulePicker picker, int maxDepth, @Nullable TraceHash trace) {
        this.cursor = cursor;
        this.subject = cursor.subject();
        this.picker = picker;
        this.maxDepth = maxDepth;
        this.trace = trace;
    }

    /** Runs one schedule with at most so many preemptions. */
    void one(int mostPreemptions) {
        rewind();
        picker.begin(longest);
        int preemptions = 0;
        int last = -1;
        boolean right = true;
        while (true) {
            int[] room = cursor.roomForLanes();
            int count = cursor.enabled(room);
            if (count == 0) {
                right = subject.end();
                break;
            }
            if (cursor.depth() == maxDepth) {
                cut++;
                break;
            }
            boolean goesOn = contains(room, count, last);
            int lane = goesOn && preemptions == mostPreemptions ? last : picker.pick(room, count, cursor.depth());
            preemptions += goesOn && lane != last ? 1 : 0;
            last = lane;
            right = forward(lane);
            if (!right) {
                break;
            }
        }
        ended(right, preemptions);
    }

    private static boolean contains(int[] lanes, int count, int lane) {
        for (int i = 0; i < count; i++) {
            if (lanes[i] == lane) {
                return true;
            }
        }
        return false;
    }

    private boolean forward(int lane) {
        boolean dependsOnAll = trace != null && subject.dependsOnAll(lane);
        boolean right = cursor.step(lane);
        transitions++;
        picker.ran(lane, subject.accesses());
        if (trace != null) {
            trace.add(lane, subject.accesses(), dependsOnAll || !right);
        }
        return right;
    }

    private void ended(boolean right, int preemptions) {
        if (schedules == ends.length) {
            ends = Arrays.copyOf(ends, 2 * schedules);
            traces = Arrays.copyOf(traces, 2 * schedules);
        }
        ends[schedules] = subject.fingerprintHigh();
        if (trace != null) {
            traces[schedules] = trace.value();
        }
        schedules++;
        longest = Math.max(longest, cursor.depth());
        if (!right) {
            found = Counterexample.of(preemptions, cursor.lanes(), cursor.depth(), subject.violations());
        }
    }

    /** Goes back to the beginning. */
    void rewind() {
        cursor.backTo(0);
        cursor.settle();
        if (trace != null) {
            trace.backTo(0);
        }
    }

    /** Schedules run. */
    int schedules() {
        return schedules;
    }

    /** Transitions run. */
    long transitions() {
        return transitions;
    }

    /** Schedules cut at the bound on depth. */
    long cut() {
        return cut;
    }

    /** Transitions of the longest schedule. */
    int longest() {
        return longest;
    }

    /** Hash of the state at the end of the i-th schedule. */
    long end(int i) {
        return ends[i];
    }

    /** Hash of the i-th schedule's trace; 0 if they are not wanted. */
    long trace(int i) {
        return traces[i];
    }

    /** The violation that was met; null if there was none. */
    @Nullable
    Counterexample found() {
        return found;
    }
}
