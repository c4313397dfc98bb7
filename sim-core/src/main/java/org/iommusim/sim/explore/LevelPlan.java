package org.iommusim.sim.explore;

import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * The order in which the stateful engine searches levels.
 *
 * <p>First it tries the last level, which contains the others, and gives up if that has many states: most subjects are
 * small and safe, and then nothing else is to be done. Otherwise levels follow with at most 0, 1, 2, ... preemptions; if
 * preemptions are not limited, the unlimited level comes after 2, since it has fewer states than a level that counts many.
 * The first level with a violation has the fewest preemptions, and there the least schedule is worked out.
 */
final class LevelPlan {
    /** Schedules are counted for at most so many states: it takes as long as to search them. */
    private static final long COUNTED_STATES = 1 << 16;

    private static final int LAST_BEFORE_UNLIMITED = 2;

    private final Crew crew;
    private final Bounds bounds;
    /** The bounds with no more memory than there is. */
    private final Bounds affordable;

    private final boolean symmetry;
    private final long tryStates;
    private final ExploreProgress progress;
    private final @Nullable Checkpoint checkpoint;

    private @Nullable LevelSearch resumed;
    private LevelPosition position = LevelPosition.FIRST;
    private LevelTotals totals = new LevelTotals();
    private double schedules = Double.NaN;

    LevelPlan(
            Crew crew,
            Bounds bounds,
            boolean symmetry,
            long tryStates,
            ExploreProgress progress,
            @Nullable Checkpoint checkpoint) {
        this.crew = crew;
        this.bounds = bounds;
        affordable = bounds.withMaxBytes(
                MemoryBudget.within(bounds.maxBytes(), Runtime.getRuntime().maxMemory()));
        this.symmetry = symmetry;
        this.tryStates = tryStates;
        this.progress = progress;
        this.checkpoint = checkpoint;
    }

    Exploration run() {
        if (checkpoint != null && checkpoint.exists()) {
            resume(checkpoint.load(crew, affordable, symmetry));
        } else if (tryStates > 0) {
            LevelSearch attempt = new LevelSearch(level(bounds.preemptions(), tryStates), crew, progress, false);
            attempt.run();
            if (attempt.stop() == null && attempt.found() == null) {
                return complete(attempt);
            }
            position = position.withKnown(counted(attempt.found()));
        }
        return byLevels();
    }

    private void resume(SavedSearch saved) {
        position = saved.position();
        resumed = LevelSearch.resumed(
                level(saved.preemptions(), Long.MAX_VALUE),
                crew,
                progress,
                saved.visited(),
                saved.tasks(),
                saved.totals());
    }

    private Exploration byLevels() {
        while (true) {
            Counterexample known = position.known();
            if (known != null && known.preemptions() <= position.next()) {
                return least(known);
            }
            int preemptions = known == null && !bounds.preemptionBounded() && position.next() > LAST_BEFORE_UNLIMITED
                    ? Bounds.UNLIMITED
                    : position.next();
            LevelSearch search = search(preemptions);
            Stop stop = search.stop();
            if (search.found() != null) {
                position = position.withKnown(counted(search.found()));
            } else if (stop != null) {
                return stopped(stop, search.level(), position.known());
            } else if (preemptions == bounds.preemptions()) {
                return complete(search);
            } else {
                position = position.completed(search.totals().cut);
            }
        }
    }

    private LevelSearch search(int preemptions) {
        LevelSearch search = resumed != null
                ? resumed
                : new LevelSearch(level(preemptions, Long.MAX_VALUE), crew, progress, checkpoint != null);
        resumed = null;
        search.run();
        while (checkpoint != null && search.paused()) {
            save(checkpoint, search);
            progress.saved();
            search = LevelSearch.resumed(
                    search.level(),
                    crew,
                    progress,
                    search.visited(),
                    search.pool().rest(),
                    search.totals());
            search.run();
        }
        totals = search.totals();
        if (checkpoint != null && search.stop() != null && search.found() == null) {
            save(checkpoint, search);
        }
        return search;
    }

    private void save(Checkpoint file, LevelSearch search) {
        file.save(
                new SavedSearch(
                        position,
                        search.level().preemptions(),
                        search.totals(),
                        search.pool().rest(),
                        search.visited()),
                crew,
                bounds,
                symmetry);
    }

    private Level level(int preemptions, long maxStates) {
        return new Level(preemptions, affordable, symmetry, maxStates);
    }

    /** A violating schedule with its preemptions, which the search does not know. */
    private @Nullable Counterexample counted(@Nullable Counterexample found) {
        if (found == null) {
            return null;
        }
        Crew.Member member = crew.member(0);
        member.subject().undoTo(member.start());
        Counterexample counted = Replay.run(member.subject(), found.laneArray());
        member.subject().undoTo(member.start());
        if (counted == null) {
            throw new IllegalStateException("two subjects that were made alike differ on " + found.lanes());
        }
        return counted;
    }

    private Exploration least(Counterexample known) {
        Level level = level(known.preemptions(), Long.MAX_VALUE);
        LeastSearch search = new LeastSearch(level, crew.member(0), progress);
        Counterexample least = search.run();
        totals = search.totals();
        Counterexample best = least == null ? known : least;
        Stop stop = search.stop();
        if (stop != null) {
            return stopped(stop, level, best);
        }
        finished();
        String reason = "the least violating schedule takes " + counted(best.preemptions(), "preemption") + " and "
                + counted(best.lanes().size(), "transition");
        return result(Stop.COUNTEREXAMPLE, reason, position.safe(), search.deepest(), best);
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private Exploration stopped(Stop stop, Level level, @Nullable Counterexample found) {
        String why = switch (stop) {
            case SCHEDULES -> "the bound of " + bounds.maxSchedules() + " schedules was reached";
            case MEMORY -> "the states need more than " + affordable.maxBytes() + " bytes";
            default -> "it was cancelled";
        };
        String what = found == null ? "" : "; a violation was found, but perhaps not the least";
        return result(stop, why + " while searching " + level.text() + what, position.safe(), 0, found);
    }

    private Exploration complete(LevelSearch last) {
        totals = last.totals();
        finished();
        if (totals.cut) {
            String reason = "schedules were cut at " + bounds.maxDepth() + " transitions";
            return result(Stop.DEPTH, reason, position.safe(), bounds.maxDepth(), null);
        }
        String reason = "every state with " + last.level().text() + " was visited";
        ScheduleCount count = new ScheduleCount(last.level(), crew.member(0), progress);
        if (totals.states <= COUNTED_STATES) {
            count.run();
        }
        schedules = count.schedules();
        return result(Stop.COMPLETE, reason, bounds.preemptions(), count.longest(), null);
    }

    private void finished() {
        if (checkpoint != null) {
            checkpoint.delete();
        }
    }

    private Exploration result(Stop stop, String reason, int safe, int depth, @Nullable Counterexample counterexample) {
        String reduction = symmetry ? StatefulSearch.SYMMETRY : Exploration.NO_REDUCTION;
        boolean proven = ProvenCombination.covers(StatefulSearch.NAME, reduction, bounds);
        return new Exploration(
                StatefulSearch.NAME,
                reduction,
                bounds,
                stop,
                reason,
                stop == Stop.COMPLETE && proven,
                safe,
                totals.ends,
                totals.states,
                totals.transitions,
                depth,
                schedules,
                counterexample);
    }
}
