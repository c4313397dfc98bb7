package org.iommusim.sim.program.check;

import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.EndWatcher;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Task;

/**
 * When nothing can happen any more nobody waits. Who sleeps for a user's page that never comes, or for somebody outside, is
 * not to blame: who waits for a lock of such a sleeper is in an unbounded wait, and so is who waits for a lock that nobody
 * will ever give up.
 */
public final class UnboundedWait implements Checker, EndWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("unbounded-wait", "when nothing can happen any more nobody waits inside the kernel");

    private final Checkers checkers;
    private final HeldLocks held;
    private final ViolationLog violations;

    /** Reports to this log. */
    public UnboundedWait(Checkers checkers, ViolationLog violations) {
        this.checkers = checkers;
        held = checkers.heldLocks();
        this.violations = violations;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void atEnd() {
        for (Task task : checkers.tasks()) {
            Lock lock = task.blockedOn();
            if (lock != null) {
                violations.report(
                        INFO.name(), task + " waits for ever for " + lock + " in " + task.position() + owner(lock));
            } else if (task.sleepsOn() != null && !task.sleepsOn().outside()) {
                violations.report(
                        INFO.name(),
                        task + " sleeps for ever on " + task.sleepsOn() + " in " + task.position()
                                + (task.conditionFails()
                                        ? ": nobody can make its condition hold"
                                        : ": it holds, but nobody wakes it"));
            }
        }
    }

    private String owner(Lock lock) {
        for (Task task : checkers.tasks()) {
            if (held.holds(task, lock)) {
                String where = task.idle() ? ", which has ended" : " in " + task.position();
                return ", held by " + task + where;
            }
        }
        return "";
    }
}
