package org.iommusim.iommufd.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.LaneChoice;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.program.Task;
import org.jspecify.annotations.Nullable;

/** An interleaving that is written down by hand: one task runs, step by step, and everybody else stands still. */
public final class ByHand implements LaneChoice {
    private final Map<Lane, Deque<Integer>> pending = new LinkedHashMap<>();
    private @Nullable Scheduler scheduler;
    private @Nullable String only;

    /** From now on this scheduler is driven. */
    public void drive(Scheduler driven) {
        scheduler = driven;
    }

    /** Runs a task until it stands before a step, given as {@code program: step}. */
    public void until(Task task, String position) {
        while (!task.position().equals(position)) {
            if (!advance(task.name())) {
                throw new AssertionError(task + " stops at " + task.position() + ", waits for " + task.waitingFor());
            }
        }
    }

    /** Runs a task until it ends or waits for somebody; true if it has ended. */
    public boolean asFarAsPossible(Task task) {
        boolean goesOn = true;
        while (goesOn && !task.idle()) {
            goesOn = advance(task.name());
        }
        return task.idle();
    }

    /** The timer of a sleeping task fires; the task then runs as far as possible; true if it has ended. */
    public boolean timeOut(Task task) {
        if (!advance(task.name() + " timeout")) {
            throw new AssertionError(task + " has no timer running at " + task.position());
        }
        return asFarAsPossible(task);
    }

    private boolean advance(String lane) {
        only = lane;
        boolean moved = Objects.requireNonNull(scheduler).step();
        only = null;
        return moved;
    }

    @Override
    public void added(int slot, Lane lane, long timePs) {
        pending.computeIfAbsent(lane, any -> new ArrayDeque<>()).add(slot);
    }

    @Override
    public void cancelled(int slot) {
        pending.values().forEach(slots -> slots.removeIf(other -> other == slot));
    }

    @Override
    public int next(Scheduler from) {
        Deque<Integer> found = null;
        for (Map.Entry<Lane, Deque<Integer>> entry : pending.entrySet()) {
            Lane lane = entry.getKey();
            boolean mine =
                    only == null ? lane.phase() != Phase.TIMEOUT : lane.name().equals(only);
            if (mine && found == null && !entry.getValue().isEmpty()) {
                found = entry.getValue();
            }
        }
        return found == null ? 0 : found.remove();
    }

    @Override
    public long nextTime() {
        return 0;
    }
}
