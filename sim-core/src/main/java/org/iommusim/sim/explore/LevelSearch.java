package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * The search of one level by all workers: visits every state within the level once (once for each lane that may go on, if
 * preemptions are counted, and again if it is reached with more of them left) until a violation is found.
 *
 * <p>Which worker visits a state is a matter of luck, but that it is visited and how many transitions leave it is not: the
 * totals of a search that ran to its end do not depend on the workers. A search that ended early can go on from its tasks
 * and its table.
 */
final class LevelSearch {
    /** Transitions of the first worker before it calls the others: starting them would cost more than it saves. */
    private static final long ALONE = 1 << 13;

    private final Level level;
    private final Crew crew;
    private final ExploreProgress progress;
    private final boolean canSave;
    private final VisitedTable visited;
    private final TaskPool pool;
    private final LevelTotals totals;
    private final boolean fresh;
    private final List<LevelWorker> workers = new ArrayList<>();
    private final Team team = new Team(this::end);
    private final AtomicLong states = new AtomicLong();
    private final AtomicLong ends = new AtomicLong();

    private volatile boolean stopped;
    private @Nullable Stop stop;
    private @Nullable Counterexample found;

    /** Makes a search from the initial state. */
    LevelSearch(Level level, Crew crew, ExploreProgress progress, boolean canSave) {
        this(level, crew, progress, canSave, newTable(level, crew), List.of(), new LevelTotals(), true);
    }

    private LevelSearch(
            Level level,
            Crew crew,
            ExploreProgress progress,
            boolean canSave,
            VisitedTable visited,
            List<SearchTask> tasks,
            LevelTotals totals,
            boolean fresh) {
        this.level = level;
        this.crew = crew;
        this.progress = progress;
        this.canSave = canSave;
        this.visited = visited;
        this.pool = new TaskPool(tasks);
        this.totals = totals;
        this.fresh = fresh;
        states.set(totals.states);
        ends.set(totals.ends);
    }

    static VisitedTable newTable(Level level, Crew crew) {
        return new VisitedTable(level.bounds().maxBytes(), crew.workers() > 1);
    }

    /** A search that goes on where this one, or one that was saved, was stopped. */
    static LevelSearch resumed(
            Level level,
            Crew crew,
            ExploreProgress progress,
            VisitedTable visited,
            List<SearchTask> tasks,
            LevelTotals totals) {
        return new LevelSearch(level, crew, progress, true, visited, tasks, totals, false);
    }

    /** Searches on the caller's thread, and on others once it is worth it. */
    void run() {
        LevelWorker first = newWorker();
        if (fresh) {
            first.visitRoot();
        }
        team.run(first::work);
        team.join();
        for (LevelWorker worker : workers) {
            totals.add(worker.totals());
        }
    }

    private LevelWorker newWorker() {
        LevelWorker worker = new LevelWorker(this, crew.member(workers.size()));
        workers.add(worker);
        pool.addWorker();
        return worker;
    }

    private void callTheOthers() {
        for (int i = 1; i < crew.workers(); i++) {
            newWorker();
        }
        workers.stream().skip(1).forEach(worker -> team.call(worker::work));
    }

    Level level() {
        return level;
    }

    VisitedTable visited() {
        return visited;
    }

    TaskPool pool() {
        return pool;
    }

    /** What was counted; exact once the search has ended. */
    LevelTotals totals() {
        return totals;
    }

    boolean stopped() {
        return stopped;
    }

    /** Why the search ended before everything was visited; null if it did not, or because of a violation. */
    @Nullable
    Stop stop() {
        return stop;
    }

    /** A violating schedule, not the least, its preemptions not counted; null if none was found. */
    @Nullable
    Counterexample found() {
        return found;
    }

    /** True if the search was stopped in order to be saved, and should go on. */
    boolean paused() {
        return stopped && stop == null && found == null && !team.failed();
    }

    /** Ends the search early. */
    synchronized void stop(Stop why) {
        if (stop == null) {
            stop = why;
        }
        end();
    }

    /** A worker's schedule violates. */
    synchronized void found(int[] path, int length, List<Violation> violations) {
        if (found == null) {
            found = Counterexample.of(0, path, length, violations);
        }
        end();
    }

    private void end() {
        stopped = true;
        pool.close();
    }

    /** One more schedule has come to its end. */
    void ended() {
        if (ends.incrementAndGet() >= level.bounds().maxSchedules()) {
            stop(Stop.SCHEDULES);
        }
    }

    /** A worker looks up from its work; it has seen so many new states since it last did. */
    void look(LevelWorker worker, long newStates) {
        long all = states.addAndGet(newStates);
        if (all > level.maxStates() || progress.cancelled()) {
            stop(Stop.CANCELLED);
        } else if (canSave && progress.wantsCheckpoint()) {
            end();
        }
        if (worker == workers.get(0)) {
            progress.update(level.text(), ends.get(), all, Double.NaN);
            if (!team.called() && crew.workers() > 1 && worker.totals().steps > ALONE) {
                callTheOthers();
            }
        }
        if (pool.hungry()) {
            worker.donate();
        }
    }
}
