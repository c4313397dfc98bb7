package org.iommusim.sim.program.check;

import java.util.List;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.LockWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * No two classes of locks are taken in both orders, be it through others: the kernel's lockdep. A known order, as the kernel
 * means it, is given beforehand; whatever a run shows beyond it is learned and held against the rest of the run. A run that
 * keeps to the known order remembers nothing, so that an exploration does not tell states apart by it.
 */
public final class LockOrder implements Checker, LockWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO =
            new CheckerInfo("lock-order", "no two classes of locks are taken in both orders");

    private static final Variable LEARNED = Variable.named("check.lock-order");

    private final HeldLocks held;
    private final ViolationLog violations;
    private final LockGraph known;
    private final RefCell<LockGraph.Edge> learned;

    /**
     * Reports to this log.
     *
     * @param known which class is taken before which
     */
    public LockOrder(World world, Checkers checkers, ViolationLog violations, LockGraph known) {
        held = checkers.heldLocks();
        this.violations = violations;
        this.known = known;
        learned = new RefCell<>(world, LEARNED, 1);
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(LEARNED);
    }

    @Override
    public void wants(Task task, Lock lock, Lock.Mode mode, String step) {
        for (HeldLocks.Held h = held.newest(task); h != null; h = h.next()) {
            judge(task, h.lock(), lock, step);
        }
    }

    private void judge(Task task, Lock first, Lock second, String step) {
        String before = first.lockClass();
        String after = second.lockClass();
        if (known.mayNest(before, after) || LockGraph.Edge.has(learned.get(), before, after)) {
            return;
        }
        List<String> back = known.path(after, before, learned.get());
        if (!back.isEmpty()) {
            violations.report(
                    INFO.name(),
                    task + " holds " + first + " and takes " + second + " in '" + step + "', but the order is "
                            + String.join(" -> ", back));
            return;
        }
        learned.set(LockGraph.Edge.with(learned.get(), before, after));
    }
}
