package org.iommusim.sim.program.check;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.sim.check.Checker;
import org.iommusim.sim.check.CheckerInfo;
import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.program.Checkers;
import org.iommusim.sim.program.SleepWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/**
 * Nobody sleeps until a timer ends it although the condition holds and nobody is on the way to wake him: either a wake-up was
 * given while the condition held and reached others only, or everybody else has finished or sleeps too. A timeout that comes
 * between the change and its wake-up is none of these.
 */
public final class LostWakeup implements Checker, SleepWatcher {
    /** Its name and what it holds true. */
    public static final CheckerInfo INFO = new CheckerInfo(
            "lost-wakeup", "nobody sleeps until a timer ends it although what it waits for has happened");

    /** Who woke others although a sleeper's condition held. */
    private static final Variable PASSED_OVER = Variable.named("check.lost-wakeup");

    private final Checkers checkers;
    private final ViolationLog violations;
    private final TreeMap<Long, RefCell<String>> passedOverBy = new TreeMap<>();

    /** Reports to this log. */
    public LostWakeup(Checkers checkers, ViolationLog violations) {
        this.checkers = checkers;
        this.violations = violations;
    }

    @Override
    public CheckerInfo info() {
        return INFO;
    }

    @Override
    public List<Variable> reads() {
        return List.of(PASSED_OVER);
    }

    @Override
    public void passedOver(Task sleeper, WaitQueue queue) {
        if (!sleeper.conditionFails()) {
            Task waker = checkers.running();
            String who = waker == null ? "somebody" : waker + " in " + waker.position();
            passedOver(sleeper).set(who);
        }
    }

    @Override
    public void timedOut(Task task, WaitQueue queue, String step, boolean holds) {
        if (!holds) {
            return;
        }
        String waker = passedOver(task).get();
        if (waker != null) {
            violations.report(
                    INFO.name(),
                    task + " slept on " + queue + " in '" + step + "' until its timer ended it: its condition holds,"
                            + " but the wake-up of " + waker + " reached only sleepers of another mode");
        } else if (nobodyIsOnTheWay(task)) {
            violations.report(
                    INFO.name(),
                    task + " slept on " + queue + " in '" + step + "' until its timer ended it: its condition holds,"
                            + " but nobody woke it and nobody is going to");
        }
    }

    @Override
    public void wokeUp(Task task, WaitQueue queue) {
        RefCell<String> cell = passedOver(task);
        if (cell.get() != null) {
            cell.set(null);
        }
    }

    private boolean nobodyIsOnTheWay(Task sleeper) {
        for (Task task : checkers.tasks()) {
            if (task != sleeper && !task.idle() && task.sleepsOn() == null) {
                return false;
            }
        }
        return true;
    }

    private RefCell<String> passedOver(Task task) {
        RefCell<String> cell = passedOverBy.get(task.stableId());
        if (cell == null) {
            cell = new RefCell<>(task.world(), PASSED_OVER, task.stableId());
            passedOverBy.put(task.stableId(), cell);
        }
        return cell;
    }
}
