package org.iommusim.sim.check;

import java.util.List;
import org.iommusim.sim.world.Variable;

/**
 * Somebody who watches a run for one kind of mistake and reports it to the run's {@link ViolationLog}. It never changes a
 * result. What it hears of depends on the watcher interfaces that it implements besides this one.
 *
 * <p>What it must remember lives in cells of the world, under variables whose names begin with {@code check.}, so that an
 * exploration takes it back and tells states apart by it. What it reads of the model it reads through the model's cells, in
 * the event that it judges: so the step that a finding depends on is visible to a reduction.
 */
public interface Checker {
    /** Its stable name in reports, and what it holds true. */
    CheckerInfo info();

    /** The variables of the model and of itself that its judgement depends on, beyond those of the step that it judges. */
    default List<Variable> reads() {
        return List.of();
    }
}
