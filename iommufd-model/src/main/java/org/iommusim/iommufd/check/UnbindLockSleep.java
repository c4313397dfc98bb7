package org.iommusim.iommufd.check;

import java.util.List;
import java.util.TreeSet;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectWatcher;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Task;

/**
 * Nobody sleeps for user memory with a lock that an unbind may need, be it through others that wait for it: user space could
 * keep a device's driver waiting for as long as it likes.
 */
public final class UnbindLockSleep implements Checker, ObjectWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "unbind-lock-sleep", "nobody sleeps for user memory with a lock for which an unbind may have to wait");

    private final Kernel kernel;
    private final HeldLocks held;
    private final TreeSet<String> needed;

    /**
     * Watches a kernel.
     *
     * @param needed the classes of locks that an unbind takes, and those that are taken with one of these held
     */
    public UnbindLockSleep(Kernel kernel, List<String> needed) {
        this.kernel = kernel;
        held = kernel.simulation().checkers().heldLocks();
        this.needed = new TreeSet<>(needed);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public void sleepsForUserPage(IommufdCtx ctx) {
        Task task = kernel.simulation().checkers().running();
        for (HeldLocks.Held h = task == null ? null : held.newest(task); h != null; h = h.next()) {
            if (needed.contains(h.lock().lockClass())) {
                kernel.simulation()
                        .violations()
                        .report(
                                INFO.name(),
                                task + " sleeps for a page of its user's memory with " + h.lock()
                                        + " held: an unbind that needs it waits for as long as the user likes");
            }
        }
    }
}
