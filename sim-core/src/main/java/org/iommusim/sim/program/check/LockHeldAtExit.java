package org.iommusim.sim.program.check;

import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.TaskWatcher;

/** A task that has finished a system call, or whatever it was given to run, holds no lock any more. */
public final class LockHeldAtExit implements Checker, TaskWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("lock-held-at-exit", "no task leaves the kernel with a lock held");

    private final HeldLocks held;
    private final ViolationLog violations;

    /** Reports to this log. */
    public LockHeldAtExit(Checkers checkers, ViolationLog violations) {
        held = checkers.heldLocks();
        this.violations = violations;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void ended(Task task, int answer) {
        HeldLocks.Held newest = held.newest(task);
        if (newest != null) {
            violations.report(
                    INFO.name(),
                    task + " has ended with answer " + answer + " and still holds " + newest.lock()
                            + ": whoever wants it waits for ever");
        }
    }
}
