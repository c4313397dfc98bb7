package org.iommusim.sim.program.check;

import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.LockWatcher;
import org.iommusim.sim.program.SleepWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.jspecify.annotations.Nullable;

/** Nobody sleeps, or takes a lock that may sleep, with a spinlock held (the kernel's {@code might_sleep}). */
public final class SleepInAtomic implements Checker, LockWatcher, SleepWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo("sleep-in-atomic", "no task sleeps with a spinlock held");

    private final HeldLocks held;
    private final ViolationLog violations;

    /** Reports to this log. */
    public SleepInAtomic(Checkers checkers, ViolationLog violations) {
        held = checkers.heldLocks();
        this.violations = violations;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void wants(Task task, Lock lock, Lock.Mode mode, String step) {
        Lock spinlock = lock.kind() == Lock.Kind.SPIN ? null : spinlock(task);
        if (spinlock != null) {
            violations.report(
                    INFO.name(),
                    task + " takes " + lock + " in '" + step + "' with the spinlock " + spinlock + " held");
        }
    }

    @Override
    public void sleeps(Task task, WaitQueue queue, String step) {
        Lock spinlock = queue.polled() ? null : spinlock(task);
        if (spinlock != null) {
            violations.report(INFO.name(), task + " sleeps in '" + step + "' with the spinlock " + spinlock + " held");
        }
    }

    private @Nullable Lock spinlock(Task task) {
        for (HeldLocks.Held h = held.newest(task); h != null; h = h.next()) {
            if (h.lock().kind() == Lock.Kind.SPIN) {
                return h.lock();
            }
        }
        return null;
    }
}
