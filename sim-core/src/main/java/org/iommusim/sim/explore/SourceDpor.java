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

    /** Transitions of the first worker before it calls the others: starting them would cost more than it saves. */
    private static final long ALONE = 1 << 13;

    private final boolean sleepSetsOnly;
    private final int workers;
    private final long alone;
    private final @Nullable ScheduleListener listener;

    /** Makes the engine with one worker. */
    public SourceDpor() {
        this(false, 1, ALONE, null);
    }

    /** Makes the engine with one worker; with a listener it goes on after violations. */
    SourceDpor(boolean sleepSetsOnly, @Nullable ScheduleListener listener) {
        this(sleepSetsOnly, 1, ALONE, listener);
    }

    private SourceDpor(boolean sleepSetsOnly, int workers, long alone, @Nullable ScheduleListener listener) {
        if (workers < 1) {
            throw new IllegalArgumentException(workers + " workers");
        }
        this.sleepSetsOnly = sleepSetsOnly;
        this.workers = workers;
        this.alone = alone;
        this.listener = listener;
    }

    /** The same with sleep sets alone, which visit as many traces but give up many more schedules half-way. */
    public static SourceDpor sleepSetsOnly() {
        return new SourceDpor(true, 1, ALONE, null);
    }

    /** The same with so many workers; a search with a bound on schedules has one, who alone can say which come first. */
    public SourceDpor withWorkers(int count) {
        return new SourceDpor(sleepSetsOnly, count, alone, listener);
    }

    /** The same calling all workers at once. */
    SourceDpor withoutDelay() {
        return new SourceDpor(sleepSetsOnly, workers, 0, listener);
    }

    @Override
    public String name() {
        return NAME;
    }

    private String reduction() {
        return sleepSetsOnly ? SLEEP_SETS : SOURCE_SETS;
    }

    /**
     * As {@link Engine#explore}.
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
        Crew crew = new Crew(subjects, bounds.maxSchedules() == Bounds.NO_MAXIMUM ? workers : 1);
        DporSearch search = new DporSearch(listener != null);
        Team team = new Team(() -> search.stop(null));
        Cursor cursor = new Cursor(crew.member(0).subject());
        DporWalk first = new DporWalk(search, cursor, bounds, sleepSetsOnly, listener, walk -> {
            progress.update("all schedules", search.ran(walk.newSchedules()), 0, walk.done());
            lookUp(search, progress);
            if (walk.steps() > alone && !team.called()) {
                callTheOthers(team, crew, search, bounds, progress);
            }
        });
        if (alone == 0) {
            callTheOthers(team, crew, search, bounds, progress);
        }
        team.run(first::work);
        team.join();
        double done = first.done();
        cursor.backTo(0);
        cursor.settle();
        DporTotals totals = search.totals();
        Counterexample found = totals.found;
        if (found != null && listener == null) {
            cursor.subject().recordAccesses(false);
            found = LeastCounterexample.of(cursor.subject(), found, bounds, progress);
        }
        return result(totals, search.stopped(), done, bounds, found);
    }

    private void callTheOthers(Team team, Crew crew, DporSearch search, Bounds bounds, ExploreProgress progress) {
        for (int i = 1; i < crew.workers(); i++) {
            Cursor cursor = new Cursor(crew.member(i).subject());
            DporWalk walk = new DporWalk(search, cursor, bounds, sleepSetsOnly, listener, looking -> {
                search.ran(looking.newSchedules());
                lookUp(search, progress);
            });
            team.call(walk::work);
        }
    }

    private static void lookUp(DporSearch search, ExploreProgress progress) {
        if (progress.cancelled()) {
            search.stop(Stop.CANCELLED);
        }
    }

    private Exploration result(
            DporTotals totals, @Nullable Stop stopped, double done, Bounds bounds, @Nullable Counterexample least) {
        Stop stop = stopped;
        String reason;
        if (least != null) {
            stop = Stop.COUNTEREXAMPLE;
            reason = "a violation was found in schedule " + totals.schedules;
        } else if (stop == Stop.CANCELLED) {
            reason = "stopped after " + totals.schedules + " schedules";
        } else if (stop == Stop.SCHEDULES) {
            reason = "the bound of " + bounds.maxSchedules() + " schedules was reached";
        } else {
            stop = Stop.COMPLETE;
            reason = "one schedule of each of " + totals.schedules + " traces was run; " + totals.blocked
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
                totals.schedules,
                0,
                totals.transitions,
                totals.longest,
                estimate(totals, stop, done),
                least);
    }

    /** About how many schedules there are, by the share that is done; where a violation ends it, nobody asks. */
    private static double estimate(DporTotals totals, Stop stop, double done) {
        if (stop == Stop.COMPLETE) {
            return totals.schedules;
        }
        return stop == Stop.COUNTEREXAMPLE || done == 0 ? Double.NaN : totals.schedules / done;
    }
}
