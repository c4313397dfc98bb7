package org.iommusim.scenario.run;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.HeldLocks;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.LockWatcher;
import org.iommusim.sim.program.SleepWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.time.Picoseconds;

/** Notes who waited long, for what and for whom, under the step that did. */
final class LongWaits implements LockWatcher, SleepWatcher {
    /** Shorter waits are everyday. */
    private static final long LONG_PS = Picoseconds.MS;

    private final Simulation simulation;
    private final RunCollector collector;
    private final HeldLocks held;
    private final Map<String, Wait> waits = new TreeMap<>();

    /** A wait that is under way. */
    private static final class Wait {
        final long sincePs;
        final String what;
        String end = "";

        Wait(long sincePs, String what) {
            this.sincePs = sincePs;
            this.what = what;
        }
    }

    LongWaits(Simulation simulation, RunCollector collector) {
        this.simulation = simulation;
        this.collector = collector;
        held = simulation.checkers().heldLocks();
    }

    @Override
    public void blocked(Task task, Lock lock, Lock.Mode mode) {
        String holder = "";
        for (Task other : simulation.checkers().tasks()) {
            if (other != task && held.holds(other, lock)) {
                holder = ", which " + other.name() + " held";
            }
        }
        waits.put(task.name(), new Wait(simulation.now(), "lock " + lock + holder));
    }

    @Override
    public void taken(Task task, Lock lock, Lock.Mode mode) {
        over(task);
    }

    @Override
    public void sleeps(Task task, WaitQueue queue, String step) {
        waits.put(task.name(), new Wait(simulation.now(), "wait queue " + queue + " in '" + step + "'"));
    }

    @Override
    public void passedOver(Task sleeper, WaitQueue queue) {
        Wait wait = waits.get(sleeper.name());
        Task waker = simulation.checkers().running();
        if (wait != null && waker != null) {
            wait.end = "; the wake-up of " + waker.name() + " at " + Picoseconds.text(simulation.now())
                    + " passed it over";
        }
    }

    @Override
    public void timedOut(Task task, WaitQueue queue, String step, boolean holds) {
        Wait wait = waits.get(task.name());
        if (wait != null) {
            wait.end = ", until its timer ended it" + wait.end;
        }
    }

    @Override
    public void wokeUp(Task task, WaitQueue queue) {
        over(task);
    }

    private void over(Task task) {
        Wait wait = waits.remove(task.name());
        if (wait != null && simulation.now() - wait.sincePs >= LONG_PS) {
            String waited =
                    "waited " + Picoseconds.text(simulation.now() - wait.sincePs) + " for " + wait.what + wait.end;
            collector.noted(simulation.now(), task.name(), waited);
        }
    }
}
