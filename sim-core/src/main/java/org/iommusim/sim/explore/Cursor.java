package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * One schedule that is driven over a subject: forward lane by lane, and back to any of its earlier positions. Going back
 * costs nothing before the next step, so going back twice costs as much as once.
 */
final class Cursor {
    private final Subject subject;
    private int[] lanes = new int[64];
    private int[] marks = new int[64];
    private int[] scratch = new int[0];
    /** Transitions of the schedule. */
    private int depth;
    /** Transitions that the subject has run; more than {@link #depth} after going back. */
    private int reached;

    /** Begins a schedule at the subject's present state, to which it can always return. */
    Cursor(Subject subject) {
        this.subject = subject;
        marks[0] = subject.mark();
    }

    /** The subject; it is at {@link #depth} after {@link #enabled}, {@link #step} or {@link #settle}. */
    Subject subject() {
        return subject;
    }

    /** Number of transitions of the schedule. */
    int depth() {
        return depth;
    }

    /** The lane of the i-th transition. */
    int lane(int i) {
        return lanes[i];
    }

    /** The lanes of the schedule: the first {@link #depth} elements; not a copy. */
    int[] lanes() {
        return lanes;
    }

    /** An array that can take the answer of {@link #enabled}. */
    int[] roomForLanes() {
        if (scratch.length < subject.lanes()) {
            scratch = new int[Math.max(16, 2 * subject.lanes())];
        }
        return scratch;
    }

    /** As {@link Subject#enabled}. */
    int enabled(int[] into) {
        settle();
        return subject.enabled(into);
    }

    /** As {@link Subject#step}; the schedule is one transition longer. */
    boolean step(int lane) {
        settle();
        if (depth + 1 >= marks.length) {
            marks = Arrays.copyOf(marks, 2 * marks.length);
            lanes = Arrays.copyOf(lanes, 2 * lanes.length);
        }
        lanes[depth++] = lane;
        reached = depth;
        boolean right = subject.step(lane);
        marks[depth] = subject.mark();
        return right;
    }

    /** Forgets all transitions after the first {@code length}. */
    void backTo(int length) {
        depth = length;
    }

    /** Brings the subject to where the schedule stands. */
    void settle() {
        if (reached > depth) {
            subject.undoTo(marks[depth]);
            reached = depth;
        }
    }
}
