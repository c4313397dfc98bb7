package org.iommusim.sim.explore;

/** One state of the schedule that a depth-first search is following. Frames are reused. */
final class SearchFrame {
    /** The lanes to run here: those from {@code next} to {@code end} are still to be run. */
    int[] lanes = new int[0];

    int next;
    int end;

    /** Where the subject can be taken back to. */
    int mark;

    /** The lane that ran last if it is still enabled, else -1. */
    int running;

    /** Preemptions that are left. */
    int budget;
}
