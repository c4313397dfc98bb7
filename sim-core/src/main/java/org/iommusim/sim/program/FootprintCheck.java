package org.iommusim.sim.program;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.FootprintRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Holds declared footprints true: remembers every step that reads or writes a variable that it did not declare.
 *
 * <p>A declared variable {@code a.b} covers {@code a.b} and everything below it ({@code a.b.c}). Variables of the
 * machinery (frames, tasks, lock words, sleepers, the scheduler's pool) need no declaration.
 */
public final class FootprintCheck implements StepWatcher, FootprintRecorder {
    private static final List<String> MACHINERY = List.of(
            "frame",
            "task",
            "task.wait",
            "lock",
            "waitqueue",
            "scheduler.lane",
            "scheduler.event",
            "scheduler.bookkeeping");

    /** What checkers remember. */
    private static final String CHECKERS = "check.";

    private final Set<String> undeclared = new TreeSet<>();
    private @Nullable Footprint declared;
    private String where = "";
    /** A checker looks around. */
    private boolean looking;

    @Override
    public void begin(Task task, Program<?> program, String step, Footprint footprint) {
        declared = footprint;
        where = program.name() + ": " + step;
    }

    @Override
    public void end() {
        declared = null;
    }

    @Override
    public void looking(boolean now) {
        looking = now;
    }

    @Override
    public void read(Cell cell, long index) {
        touched(cell);
    }

    @Override
    public void written(Cell cell, long index) {
        touched(cell);
    }

    private void touched(Cell cell) {
        String name = cell.variable().name();
        if (declared == null || looking || MACHINERY.contains(name) || name.startsWith(CHECKERS)) {
            return;
        }
        for (var variable : declared.variables()) {
            String covers = variable.name();
            if (name.equals(covers) || name.startsWith(covers) && name.charAt(covers.length()) == '.') {
                return;
            }
        }
        undeclared.add(where + " touches " + name);
    }

    /** One line for each step and variable that was touched undeclared, sorted; empty if all declarations are true. */
    public Set<String> undeclared() {
        return new TreeSet<>(undeclared);
    }
}
