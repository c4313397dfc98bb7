package org.iommusim.sim.explore;

/** Chooses the lanes of one random schedule after the other. */
interface SchedulePicker {
    /**
     * A new schedule begins.
     *
     * @param longest transitions of the longest schedule so far, at least 1
     */
    void begin(int longest);

    /**
     * The next lane.
     *
     * @param enabled lanes to choose from, rising
     * @param count how many they are, at least 1
     * @param depth transitions of the schedule so far
     */
    int pick(int[] enabled, int count, int depth);

    /** The lane that was picked has run. */
    void ran(int lane, Accesses touched);
}
