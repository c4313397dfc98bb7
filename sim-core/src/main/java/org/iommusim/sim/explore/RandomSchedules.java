package org.iommusim.sim.explore;

import java.util.function.Supplier;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;

/**
 * Runs random schedules: for systems that are too large for anything else. It never says that all was seen, only how many
 * schedules it ran, of about how many traces, and how many different traces and ends it met. The same seed gives the same
 * schedules.
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

    /** Schedules between two looks at the listener. */
    private static final int BETWEEN_LOOKS = 16;
    /** With fewer schedules than that nobody asks of how many they are. */
    private static final int WORTH_AN_ESTIMATE = 1000;

    private final Method method;
    private final long seed;
    private final boolean countTraces;

    private RandomSchedules(Method method, long seed, boolean countTraces) {
        this.method = method;
        this.seed = seed;
        this.countTraces = countTraces;
    }

    /** Draws by a method from a seed. */
    public static RandomSchedules of(Method method, long seed) {
        return new RandomSchedules(method, seed, true);
    }

    /** The same without counting traces, which is faster. */
    public RandomSchedules withoutTraces() {
        return new RandomSchedules(method, seed, false);
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * Runs {@link Bounds#maxSchedules} schedules, or fewer if one violates something; one worker.
     *
     * @throws IllegalArgumentException if their number is not bounded
     */
    @Override
    public Exploration explore(Supplier<? extends Subject> subjects, Bounds bounds, ExploreProgress progress) {
        if (bounds.maxSchedules() == Bounds.NO_MAXIMUM) {
            throw new IllegalArgumentException("random schedules have no end: say how many");
        }
        RandomStream random = new RandomStreams(seed).split("explore." + method);
        Subject subject = subjects.get();
        RandomRun run = new RandomRun(new Cursor(subject), method.picker(random), bounds, countTraces);
        boolean traces = countTraces || method == Method.POS;
        subject.recordAccesses(traces);
        int levels = bounds.preemptionBounded() ? bounds.preemptions() + 1 : 1;
        Stop stop = Stop.SAMPLED;
        while (run.schedules() < bounds.maxSchedules() && run.found() == null) {
            long part = run.schedules() * levels / bounds.maxSchedules();
            run.one(bounds.preemptionBounded() ? (int) part : Bounds.UNLIMITED);
            if (run.schedules() % BETWEEN_LOOKS == 0) {
                progress.update(method + " seed " + seed, run.schedules(), run.ends(), Double.NaN);
                if (progress.cancelled()) {
                    stop = Stop.CANCELLED;
                    break;
                }
            }
        }
        return result(run, subject, bounds, progress, stop, estimate(run, subjects, bounds));
    }

    /** About how many traces there are; NaN if it is not worth the time, or is refuted by what was seen. */
    private static double estimate(RandomRun run, Supplier<? extends Subject> subjects, Bounds bounds) {
        if (run.schedules() < WORTH_AN_ESTIMATE) {
            return Double.NaN;
        }
        double estimate = new TraceEstimate(new Cursor(subjects.get()), bounds.maxDepth()).ofTraces();
        return estimate < run.traces() ? Double.NaN : estimate;
    }

    private Exploration result(
            RandomRun run, Subject subject, Bounds bounds, ExploreProgress progress, Stop stop, double estimate) {
        Counterexample found = run.found();
        if (found != null) {
            run.rewind();
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

    private String reason(RandomRun run, double estimate) {
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
