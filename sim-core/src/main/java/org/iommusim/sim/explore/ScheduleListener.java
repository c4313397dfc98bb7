package org.iommusim.sim.explore;

/** Hears of every schedule that a stateless search runs to its end. A search that has one does not stop at violations. */
interface ScheduleListener {
    /**
     * A schedule came to its end, or to the transition that violates something.
     *
     * @param schedule stands at the end
     * @param violated true if {@link Subject#violations} has something to say
     */
    void ended(Cursor schedule, boolean violated);
}
