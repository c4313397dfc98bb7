package org.iommusim.sim.program;

/** Told when a task has finished what it was given to run; it watches and never changes a result. */
public interface TaskWatcher {
    /** The outermost program of a task has ended. */
    void ended(Task task, int answer);
}
