package org.iommusim.sim.program;

import org.iommusim.sim.check.ViolationLog;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * What all tasks of a simulation share.
 *
 * @param scheduler runs their events
 * @param costs what their steps cost
 * @param trace hears of their steps
 * @param violations takes what they do wrong
 * @param checkers watch them
 * @param patched which programs they run otherwise than they are written, or {@code null}
 */
public record TaskEnvironment(
        Scheduler scheduler,
        HostCosts costs,
        TraceSink trace,
        ViolationLog violations,
        Checkers checkers,
        @Nullable PatchedPrograms patched) {
    /** The world of the tasks' cells. */
    public World world() {
        return scheduler.world();
    }
}
