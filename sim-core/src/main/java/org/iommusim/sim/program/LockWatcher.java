package org.iommusim.sim.program;

/** Told of everything that tasks do with locks; it watches and never changes a result. */
public interface LockWatcher {
    /** A task is about to take a lock; it may have to wait for it. */
    default void wants(Task task, Lock lock, Lock.Mode mode, String step) {}

    /** A task could not have a lock at once and waits for it. */
    default void blocked(Task task, Lock lock, Lock.Mode mode) {}

    /** A task has got a lock. */
    default void taken(Task task, Lock lock, Lock.Mode mode) {}

    /** A task has given a lock up; if somebody waited, its last touch of the lock's memory is still to come. */
    default void released(Task task, Lock lock, Lock.Mode mode) {}
}
