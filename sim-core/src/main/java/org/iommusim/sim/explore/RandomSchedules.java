package org.iommusim.sim.explore;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;

/**
 * Runs random schedules: for systems that are too large for anything else. It never says that all was seen, only how many
 * schedules it ran, of about how many traces, and how many different traces and ends it met. The same seed gives the same
 * schedules, whatever the number of workers: they come in batches, each with random numbers of its own.
 *
 * <p>With a bound on preemptions, equal parts of the schedules have at most 0, 1, 2, ... of them: many bugs need one or two.
 */
public final class RandomSchedules implements Engine {
    /** The engine's name. */
    public static final String NAME = "random";

    /** How lanes are drawn. */
    public enum Method {
        /** All enabled lanes alike. */
        WALK,
        /** Random priorities that change once: bugs of depth 2. */
        PCT2,
        /** Random priorities that change twice: bugs of depth 3. */
        PCT3,
        /** Random priorities that racing transitions draw again: never bad. */
        POS;

        private SchedulePicker picker(RandomStream random) {
            return switch (this) {
                case WALK -> new WalkPicker(random);
                case PCT2 -> new PctPicker(random, 2);
                case PCT3 -> new PctPicker(random, 3);
                case POS -> new PosPicker(random);
            };
        }
    }

    /** Schedules of a batch: many, because a picker learns from one schedule for the next. */
    static final int BATCH = 128;

    /** Schedules between two looks at the listener. */
    private static final int BETWEEN_LOOKS = 16;
    /** With fewer schedules than that nobody asks of how many they are. */
    private static final int WORTH_AN_ESTIMATE = 1000;

    /** An estimate has so many parts, each with random numbers of its own. */
    private static final int ESTIMATE_PARTS = 8;
    /** Transitions that are run for each of them. */
    private static final int ESTIMATE_TRANSITIONS = 2_048;

    private final Method method;
    private final long seed;
    private final boolean countTraces;
    private final int workers;

    private RandomSchedules(Method method, long seed, boolean countTraces, int workers) {
        if (workers < 1) {
            throw new IllegalArgumentException(workers + " workers");
        }
        this.method = method;
        this.seed = seed;
        this.countTraces = countTraces;
        this.workers = workers;
    }

    /** Draws by a method from a seed; one worker. */
    public static RandomSchedules of(Method method, long seed) {
        return new RandomSchedules(method, seed, true, 1);
    }

    /** The same without counting traces, which is faster. */
    public RandomSchedules withoutTraces() {
        return new RandomSchedules(method, seed, false, workers);
    }

    /** The same with so many workers. */
    public RandomSchedules withWorkers(int count) {
        return new RandomSchedules(method, seed, countTraces, count);
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * Runs {@link Bounds#maxSchedules} schedules, or fewer if one violates something.
     *
     * @throws IllegalArgumentException if their number is not bounded
     */
    @Override
    public Exploration explore(Supplier<? extends Subject> subjects, Bounds bounds, ExploreProgress progress) {
        if (bounds.maxSchedules() == Bounds.NO_MAXIMUM) {
            throw new IllegalArgumentException("random schedules have no end: say how many");
        }
        Crew crew = new Crew(subjects, workers);
        RandomTotals totals = new RandomTotals(bounds, countTraces);
        long count = (bounds.maxSchedules() - 1) / BATCH + 1;
        RandomBatches batches = new RandomBatches(count, totals);
        Team team = new Team(batches::cancel);
        for (int i = 1; i < Math.min(workers, count); i++) {
            Cursor cursor = new Cursor(crew.member(i).subject());
            team.call(() -> work(cursor, batches, bounds, ExploreProgress.NONE));
        }
        Cursor first = new Cursor(crew.member(0).subject());
        team.run(() -> work(first, batches, bounds, progress));
        team.join();
        Stop stop = batches.cancelled() ? Stop.CANCELLED : Stop.SAMPLED;
        return result(batches.totals(), crew, bounds, progress, stop);
    }

    private void work(Cursor cursor, RandomBatches batches, Bounds bounds, ExploreProgress progress) {
        cursor.subject().recordAccesses(countTraces || method == Method.POS);
        TraceHash trace = countTraces ? new TraceHash() : null;
        RandomStreams random = new RandomStreams(seed);
        for (long number = batches.take(); number >= 0; number = batches.take()) {
            SchedulePicker picker = method.picker(random.split("explore." + method + "." + number));
            RandomRun run = new RandomRun(cursor, picker, bounds.maxDepth(), trace);
            batch(run, number * BATCH, batches, bounds, progress);
            run.rewind();
            batches.done(number, run);
        }
    }

    private void batch(RandomRun run, long from, RandomBatches batches, Bounds bounds, ExploreProgress progress) {
        long count = Math.min(BATCH, bounds.maxSchedules() - from);
        while (run.schedules() < count && run.found() == null && !batches.cancelled()) {
            run.one(level(from + run.schedules(), bounds));
            if (run.schedules() % BETWEEN_LOOKS == 0) {
                progress.update(method + " seed " + seed, from + run.schedules(), 0, Double.NaN);
                if (progress.cancelled()) {
                    batches.cancel();
                }
            }
        }
    }

    /** Most preemptions of a schedule. */
    private static int level(long schedule, Bounds bounds) {
        return bounds.preemptionBounded()
                ? (int) (schedule * (bounds.preemptions() + 1) / bounds.maxSchedules())
                : Bounds.UNLIMITED;
    }

    /** About how many traces there are; NaN if it is not worth the time, or is refuted by what was seen. */
    private static double estimate(RandomTotals totals, Crew crew, Bounds bounds) {
        if (totals.schedules() < WORTH_AN_ESTIMATE) {
            return Double.NaN;
        }
        AtomicInteger next = new AtomicInteger();
        TraceEstimate[] parts = new TraceEstimate[ESTIMATE_PARTS];
        Team team = new Team(() -> next.set(ESTIMATE_PARTS));
        for (int i = 1; i < crew.workers(); i++) {
            Cursor cursor = new Cursor(crew.member(i).subject());
            team.call(() -> estimateParts(cursor, bounds, next, parts));
        }
        Cursor first = new Cursor(crew.member(0).subject());
        team.run(() -> estimateParts(first, bounds, next, parts));
        team.join();
        double estimate = TraceEstimate.mean(List.of(parts));
        return estimate < totals.traces() ? Double.NaN : estimate;
    }

    private static void estimateParts(Cursor cursor, Bounds bounds, AtomicInteger next, TraceEstimate[] parts) {
        for (int part = next.getAndIncrement(); part < ESTIMATE_PARTS; part = next.getAndIncrement()) {
            parts[part] = new TraceEstimate(cursor, bounds.maxDepth(), part);
            parts[part].walk(ESTIMATE_TRANSITIONS);
        }
        cursor.backTo(0);
        cursor.settle();
    }

    private Exploration result(RandomTotals run, Crew crew, Bounds bounds, ExploreProgress progress, Stop stop) {
        double estimate = estimate(run, crew, bounds);
        Counterexample found = run.found();
        if (found != null) {
            Subject subject = crew.member(0).subject();
            subject.recordAccesses(false);
            found = LeastCounterexample.of(subject, found, bounds, progress);
        }
        return new Exploration(
                NAME,
                Exploration.NO_REDUCTION,
                bounds,
                found == null ? stop : Stop.COUNTEREXAMPLE,
                reason(run, estimate),
                false,
                -1,
                run.schedules(),
                run.ends(),
                run.transitions(),
                run.longest(),
                estimate,
                found);
    }

    private String reason(RandomTotals run, double estimate) {
        StringBuilder reason = new StringBuilder();
        reason.append(run.schedules()).append(" random schedules (").append(method);
        reason.append(", seed ").append(seed).append(')');
        if (countTraces) {
            reason.append(run.tracesComplete() ? " of " : " of at least ");
            reason.append(run.traces()).append(" different traces");
            if (estimate > 0) {
                reason.append(", about ").append(Math.round(estimate)).append(" in all");
            }
        }
        if (run.cut() > 0) {
            reason.append("; ").append(run.cut()).append(" were cut for their length");
        }
        return reason.toString();
    }
}
