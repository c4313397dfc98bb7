package org.iommusim.sim.program;

/** Told when an atomic step begins and ends; it watches and never changes a result. */
public interface StepWatcher {
    /** A watcher that ignores everything. */
    StepWatcher NONE = new StepWatcher() {};

    /** The body of a step is about to run. */
    default void begin(Task task, Program<?> program, String step, Footprint declared) {}

    /** The body that began last has run. */
    default void end() {}

    /** In the middle of a step a checker begins ({@code true}) or ends to look around: what it reads is not the step's. */
    default void looking(boolean now) {}
}
