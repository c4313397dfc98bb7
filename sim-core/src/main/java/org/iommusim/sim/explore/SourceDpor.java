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
        return "dpor";
    }

    /** The reduction's name in results. */
    String reduction() {
        return sleepSetsOnly ? "sleep sets" : "source sets and sleep sets";
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
        Subject subject = subjects.get();
        Cursor cursor = new Cursor(subject);
        double traces = new TraceEstimate(cursor, bounds.maxDepth()).of(TraceEstimate.PROBES);
        DporWalk walk = new DporWalk(cursor, bounds, progress, listener, sleepSetsOnly);
        walk.run(traces);
        subject.recordAccesses(false);
        Counterexample found = walk.found();
        if (found != null && listener == null) {
            found = LeastCounterexample.of(cursor, found, progress);
        }
        return result(walk, bounds, found, traces);
    }

    private Exploration result(DporWalk walk, Bounds bounds, @Nullable Counterexample least, double traces) {
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
                name(),
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
                complete ? walk.schedules() : traces,
                least);
    }
}
