package org.iommusim.sim.program.check;

import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.TaskWatcher;

/** A task that has finished a system call, or whatever it was given to run, holds no lock any more. */
public final class LockHeldAtExit implements Checker, TaskWatcher {
    /** Its name. */
    public static final String NAME = "lock-held-at-exit";

    private final HeldLocks held;
    private final ViolationLog violations;

    /** Reports to this log. */
    public LockHeldAtExit(Checkers checkers, ViolationLog violations) {
        held = checkers.heldLocks();
        this.violations = violations;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String summary() {
        return "no task leaves the kernel with a lock held";
    }

    @Override
    public void ended(Task task, int answer) {
        HeldLocks.Held newest = held.newest(task);
        if (newest != null) {
            violations.report(
                    NAME,
                    task + " has ended with answer " + answer + " and still holds " + newest.lock()
                            + ": whoever wants it waits for ever");
        }
    }
}
