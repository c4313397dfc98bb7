package org.iommusim.sim.explore;

import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The stateful engine: joins schedules that meet in the same state, so that it visits each state once. The engine for
 * everything whose state is small enough; the only one for state spaces with cycles.
 *
 * <p>Levels are searched one after the other (no preemption, at most one, at most two, then as many as are asked for), so
 * that the first violation has the fewest preemptions; see {@link LevelPlan} for the order and {@link LeastSearch} for how
 * the least schedule is found. The result is the same for any number of workers, unless the search was stopped half-way or
 * schedules were cut at the bound on depth.
 *
 * <p>In the result, schedules are different states in which nothing is enabled. If there is no counterexample, the states are
 * not too many and no schedule comes back to a state, {@link ScheduleCount} adds how many schedules they stand for and the
 * length of the longest; otherwise these are NaN and 0.
 */
public final class StatefulSearch implements Engine {
    /** The engine's name. */
    public static final String NAME = "stateful";

    /** The reduction that joins states which symmetry makes alike. */
    public static final String SYMMETRY = "symmetry";

    /** A fraction of a second to a few seconds, depending on the subject. */
    private static final long TRY_STATES = 1 << 18;

    private final int workers;
    private final boolean symmetry;
    private final long tryStates;
    private final @Nullable Checkpoint checkpoint;

    private StatefulSearch(int workers, boolean symmetry, long tryStates, @Nullable Checkpoint checkpoint) {
        if (workers < 1) {
            throw new IllegalArgumentException(workers + " workers");
        }
        this.workers = workers;
        this.symmetry = symmetry;
        this.tryStates = tryStates;
        this.checkpoint = checkpoint;
    }

    /** One worker for each core, without reduction. */
    public static StatefulSearch onAllCores() {
        return new StatefulSearch(Runtime.getRuntime().availableProcessors(), false, TRY_STATES, null);
    }

    /** The same with so many workers. */
    public StatefulSearch withWorkers(int count) {
        return new StatefulSearch(count, symmetry, tryStates, checkpoint);
    }

    /** The same joining states that symmetry makes alike, where the subject is a {@link SymmetricSubject}. */
    public StatefulSearch withSymmetry(boolean on) {
        return new StatefulSearch(workers, on, tryStates, checkpoint);
    }

    /**
     * The same giving up the try of everything at once beyond so many states; 0 goes level by level from the beginning. It
     * makes a difference to the time only.
     */
    public StatefulSearch withTry(long states) {
        return new StatefulSearch(workers, symmetry, states, checkpoint);
    }

    /**
     * The same with a checkpoint: a search that is stopped is saved to the file, and also whenever the listener wants it; a
     * search that finds the file goes on from it. The file is deleted once the search has its result. What is searched while
     * a subject may still be small, and the search for the least schedule, is not saved but done again.
     *
     * @param subject tells subjects apart, e.g. a scenario with its kernel and version: the file of another is refused
     */
    public StatefulSearch withCheckpoint(Path file, String subject) {
        return new StatefulSearch(workers, symmetry, tryStates, new Checkpoint(file, subject));
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * See {@link Engine#explore}.
     *
     * @throws CheckpointException if the checkpoint is of another subject or other bounds, or cannot be read or written
     */
    @Override
    public Exploration explore(Supplier<? extends Subject> subjects, Bounds bounds, ExploreProgress progress) {
        if (bounds.preemptionBounded() && bounds.preemptions() > VisitedSegment.VALUE_MAX) {
            throw new IllegalArgumentException("the stateful search counts at most " + VisitedSegment.VALUE_MAX
                    + " preemptions, or none: " + bounds.preemptions());
        }
        Crew crew = new Crew(subjects, workers);
        boolean symmetric = symmetry && crew.member(0).subject() instanceof SymmetricSubject;
        return new LevelPlan(crew, bounds, symmetric, tryStates, progress, checkpoint).run();
    }
}
