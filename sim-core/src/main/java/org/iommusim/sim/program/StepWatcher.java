package org.iommusim.sim.program;

/** Told when an atomic step begins and ends; it watches and never changes a result. */
public interface StepWatcher {
    /** A watcher that ignores everything. */
    StepWatcher NONE = new StepWatcher() {
        @Override
        public void begin(Task task, Program<?> program, String step, Footprint declared) {}

        @Override
        public void end() {}
    };

    /** The body of a step is about to run. */
    void begin(Task task, Program<?> program, String step, Footprint declared);

    /** The body that began last has run. */
    void end();
}
