package org.iommusim.sim.program.check;

import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.LockWatcher;
import org.iommusim.sim.program.Task;
import org.jspecify.annotations.Nullable;

/**
 * No tasks wait for each other's locks in a circle. Judged when a task begins to wait: from there the circle, if there is
 * one, leads back to that task.
 */
public final class Deadlock implements Checker, LockWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("deadlock", "no tasks wait for each other's locks in a circle");

    private final Checkers checkers;
    private final HeldLocks held;
    private final ViolationLog violations;

    /** Reports to this log. */
    public Deadlock(Checkers checkers, ViolationLog violations) {
        this.checkers = checkers;
        held = checkers.heldLocks();
        this.violations = violations;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void blocked(Task task, Lock lock, Lock.Mode mode) {
        String circle = circle(task, lock, checkers.tasks().size());
        if (circle != null) {
            violations.report(INFO.name(), task + " waits for " + circle);
        }
    }

    /**
     * The way from a wanted lock through holders and the locks that they wait for back to a task, in words, or {@code null}.
     *
     * @param left how many holders the way may still have: a circle that leaves the task out has been reported before
     */
    private @Nullable String circle(Task task, Lock wanted, int left) {
        Task owner = wanted.owner();
        if (owner != null) {
            return through(task, wanted, owner, left);
        }
        for (Task reader : checkers.tasks()) {
            String way = held.holds(reader, wanted) ? through(task, wanted, reader, left) : null;
            if (way != null) {
                return way;
            }
        }
        return null;
    }

    private @Nullable String through(Task task, Lock wanted, Task holder, int left) {
        if (holder == task) {
            return wanted + ", which " + task + " holds";
        }
        Lock next = holder.blockedOn();
        String rest = next == null || left == 0 ? null : circle(task, next, left - 1);
        return rest == null ? null : wanted + ", which " + holder + " holds, who waits for " + rest;
    }
}
