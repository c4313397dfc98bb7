package org.iommusim.sim.program;

/** Told of tasks that sleep on wait queues; it watches and never changes a result. */
public interface SleepWatcher {
    /** A task goes to sleep: its condition does not hold. */
    default void sleeps(Task task, WaitQueue queue, String step) {}

    /** A wake-up of a queue passed over a sleeper because of the mode in which it sleeps. */
    default void passedOver(Task sleeper, WaitQueue queue) {}

    /** A sleep is over, whoever ended it. */
    default void wokeUp(Task task, WaitQueue queue) {}

    /**
     * Nobody woke a task before its time was over.
     *
     * @param holds whether its condition holds
     */
    default void timedOut(Task task, WaitQueue queue, String step, boolean holds) {}
}
