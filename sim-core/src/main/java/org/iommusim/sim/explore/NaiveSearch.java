package org.iommusim.sim.explore;

import java.util.function.Supplier;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * Runs every schedule, depth first, without leaving anything out: slow, and the judge of all other engines. With a bound
 * on preemptions it searches level by level, so that the first counterexample has the fewest.
 */
public final class NaiveSearch implements Engine {
    /** The engine's name. */
    public static final String NAME = "naive";

    private final @Nullable ScheduleListener listener;

    /** Makes the engine. */
    public NaiveSearch() {
        this(null);
    }

    /** Makes the engine; with a listener it goes on after violations and reports the least of them. */
    NaiveSearch(@Nullable ScheduleListener listener) {
        this.listener = listener;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Exploration explore(Supplier<? extends Subject> subjects, Bounds bounds, ExploreProgress progress) {
        NaiveWalk walk = new NaiveWalk(new Cursor(subjects.get()), bounds, progress, listener);
        int completed = -1;
        int level = bounds.preemptionBounded() && listener == null ? 0 : bounds.preemptions();
        while (true) {
            walk.run(level, listener == null && level == Bounds.UNLIMITED);
            if (walk.stopped() == null && walk.best() == null) {
                completed = level;
            }
            if (level == bounds.preemptions() || walk.best() != null || walk.stopped() != null) {
                break;
            }
            level++;
        }
        Counterexample found = walk.best();
        if (found != null && level == Bounds.UNLIMITED && listener == null && walk.stopped() == null) {
            completed = least(walk, found.preemptions());
        }
        return result(walk, bounds, completed);
    }

    /** A violation is known: searches the levels up to its own for the least one. */
    private static int least(NaiveWalk walk, int preemptions) {
        for (int level = 0; level <= preemptions; level++) {
            walk.forget();
            walk.run(level, false);
            if (walk.best() != null || walk.stopped() != null) {
                return level - 1;
            }
        }
        throw new IllegalStateException("a schedule that violated something does not when it is run again");
    }

    private Exploration result(NaiveWalk walk, Bounds bounds, int completed) {
        Stop stop = walk.stopped();
        String reason;
        if (walk.best() != null) {
            stop = Stop.COUNTEREXAMPLE;
            reason = "a violation was found in schedule " + walk.firstViolation();
        } else if (stop == Stop.CANCELLED) {
            reason = "stopped after " + walk.schedules() + " schedules";
        } else if (stop == Stop.SCHEDULES) {
            reason = "the bound of " + bounds.maxSchedules() + " schedules was reached";
        } else if (walk.cut() > 0) {
            stop = Stop.DEPTH;
            reason = walk.cut() + " schedules were cut at " + bounds.maxDepth() + " transitions";
        } else {
            stop = Stop.COMPLETE;
            reason = "all " + walk.schedules() + " schedules within the bounds were run";
        }
        return new Exploration(
                NAME,
                Exploration.NO_REDUCTION,
                bounds,
                stop,
                reason,
                stop == Stop.COMPLETE,
                stop == Stop.DEPTH ? -1 : completed,
                walk.schedules(),
                0,
                walk.transitions(),
                walk.longest(),
                walk.estimate(),
                walk.best());
    }
}
