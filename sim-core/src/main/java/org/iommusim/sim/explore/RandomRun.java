package org.iommusim.sim.explore;

import org.jspecify.annotations.Nullable;

/** The schedules of {@link RandomSchedules} over one subject, and what they met. */
final class RandomRun {
    private final Cursor cursor;
    private final Subject subject;
    private final SchedulePicker picker;
    private final int maxDepth;
    private final @Nullable TraceHash trace;
    private final SeenHashes traces;
    private final SeenHashes ends;
    private long schedules;
    private long transitions;
    private long cut;
    private int longest = 1;
    private @Nullable Counterexample found;

    RandomRun(Cursor cursor, SchedulePicker picker, Bounds bounds, boolean countTraces) {
        this.cursor = cursor;
        this.subject = cursor.subject();
        this.picker = picker;
        maxDepth = bounds.maxDepth();
        trace = countTraces ? new TraceHash() : null;
        traces = new SeenHashes(bounds.maxBytes() / 2);
        ends = new SeenHashes(bounds.maxBytes() / 2);
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
        schedules++;
        longest = Math.max(longest, cursor.depth());
        ends.add(subject.fingerprintHigh());
        if (trace != null) {
            traces.add(trace.value());
        }
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
    long schedules() {
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

    /** Different states at the end of a schedule. */
    long ends() {
        return ends.count();
    }

    /** Different traces; 0 if they are not counted. */
    long traces() {
        return traces.count();
    }

    /** False if there was no memory left to tell more traces apart. */
    boolean tracesComplete() {
        return !traces.full();
    }

    /** The violation that was met; null if there was none. */
    @Nullable
    Counterexample found() {
        return found;
    }
}
