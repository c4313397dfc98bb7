package org.iommusim.sim.explore;

/** One state of the schedule that a depth-first search is following. Frames are reused. */
final class SearchFrame {
    /** The lanes to run here: those from {@code next} to {@code end} are still to be run. */
    int[] lanes = new int[0];

    int next;
    int end;

    /** Where the subject can be taken back to. */
    int mark;

    /** The lane that ran last if it is still enabled, else -1; always -1 if preemptions are not counted. */
    int running;

    /** Preemptions that are left; 0 if they are not counted. */
    int budget;

    /** Notes which lanes are enabled, in rising order, and says how many. */
    int enabled(Subject subject) {
        int most = subject.lanes();
        if (lanes.length < most) {
            lanes = new int[most];
        }
        return subject.enabled(lanes);
    }

    /** The state is to be expanded: all its lanes are to be run, or only the running one if no preemption is left. */
    void open(int enabled, int running, int budget, int mark) {
        this.running = running;
        this.budget = budget;
        this.mark = mark;
        next = 0;
        end = enabled;
        if (running >= 0 && budget == 0) {
            lanes[0] = running;
            end = 1;
        }
    }

    /** Preemptions that are left behind one of the lanes. */
    int budgetBehind(int lane) {
        return running < 0 || running == lane ? budget : budget - 1;
    }
}
