package org.iommusim.sim.explore;

import java.util.function.Supplier;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * Stateless search that runs one schedule of each Mazurkiewicz trace: schedules that differ only in the order of
 * transitions that do not depend on each other count as one. Source sets say which lanes to run at a node, sleep sets cut
 * what was explored from an earlier one. Dependence is what {@link Accesses} recorded, so nothing has to be declared.
 *
 * <p>What it asks of a subject:
 *
 * <ul>
 *   <li>schedules end; one that is longer than the bound on depth is an error, not a result;
 *   <li>a lane that waits does so by a transition of its own that touches what it waits for (it queues itself), or its last
 *       transition touches what decides whether the next one is enabled;
 *   <li>two transitions that schedule something for the same lane write a common variable;
 *   <li>checkers and the judge of the end look only at what the transitions' footprints tell.
 * </ul>
 *
 * <p>Preemption bounds and this reduction do not go together: a trace that is kept may have more preemptions than one that
 * was left out for it. Such bounds are refused.
 */
public final class SourceDpor implements Engine {
    /** The engine's name. */
    public static final String NAME = "dpor";

    /** The usual reduction. */
    public static final String SOURCE_SETS = "source sets and sleep sets";

    /** The reduction of {@link #sleepSetsOnly}. */
    public static final String SLEEP_SETS = "sleep sets";

    private final boolean sleepSetsOnly;
    private final @Nullable ScheduleListener listener;

    /** Makes the engine. */
    public SourceDpor() {
        this(false, null);
    }

    /** Makes the engine; with a listener it goes on after violations. */
    SourceDpor(boolean sleepSetsOnly, @Nullable ScheduleListener listener) {
        this.sleepSetsOnly = sleepSetsOnly;
        this.listener = listener;
    }

    /** The same with sleep sets alone, which visit as many traces but give up many more schedules half-way. */
    public static SourceDpor sleepSetsOnly() {
        return new SourceDpor(true, null);
    }

    @Override
    public String name() {
        return NAME;
    }

    private String reduction() {
        return sleepSetsOnly ? SLEEP_SETS : SOURCE_SETS;
    }

    /**
     * As {@link Engine#explore}; one worker.
     *
     * @throws IllegalArgumentException if preemptions are bounded
     * @throws IllegalStateException if a schedule is longer than the bound on depth
     */
    @Override
    public Exploration explore(Supplier<? extends Subject> subjects, Bounds bounds, ExploreProgress progress) {
        if (bounds.preemptionBounded()) {
            throw new IllegalArgumentException("a bound on preemptions (" + bounds.preemptions()
                    + ") with the reduction by " + reduction() + " would miss schedules: use the stateful search");
        }
        Cursor cursor = new Cursor(subjects.get());
        DporWalk walk = new DporWalk(cursor, bounds, progress, listener, sleepSetsOnly);
        walk.run();
        cursor.backTo(0);
        cursor.settle();
        Counterexample found = walk.found();
        if (found != null && listener == null) {
            cursor.subject().recordAccesses(false);
            found = LeastCounterexample.of(cursor.subject(), found, bounds, progress);
        }
        return result(walk, bounds, found);
    }

    private Exploration result(DporWalk walk, Bounds bounds, @Nullable Counterexample least) {
        Stop stop = walk.stopped();
        String reason;
        if (least != null) {
            stop = Stop.COUNTEREXAMPLE;
            reason = "a violation was found in schedule " + walk.schedules();
        } else if (stop == Stop.CANCELLED) {
            reason = "stopped after " + walk.schedules() + " schedules";
        } else if (stop == Stop.SCHEDULES) {
            reason = "the bound of " + bounds.maxSchedules() + " schedules was reached";
        } else {
            stop = Stop.COMPLETE;
            reason = "one schedule of each of " + walk.schedules() + " traces was run; " + walk.blocked()
                    + " more were given up as repetitions";
        }
        boolean complete = stop == Stop.COMPLETE;
        return new Exploration(
                NAME,
                reduction(),
                bounds,
                stop,
                reason,
                complete,
                complete ? Bounds.UNLIMITED : -1,
                walk.schedules(),
                0,
                walk.transitions(),
                walk.longest(),
                complete ? walk.schedules() : walk.estimate(),
                least);
    }
}
