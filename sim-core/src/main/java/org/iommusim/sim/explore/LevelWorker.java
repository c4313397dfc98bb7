package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * One worker of a {@link LevelSearch}: searches depth first from the tasks that it gets, with a subject of its own. A node
 * costs no allocation.
 *
 * <p>The stack holds, for each depth of the present schedule, the lanes to try there; a part of it can be given away as a
 * task. Bounded, a state is expanded again if it is reached with more preemptions left.
 */
final class LevelWorker {
    /** Transitions between two looks at who else wants something. */
    private static final int BETWEEN_LOOKS = 256;

    private final LevelSearch search;
    private final Subject subject;
    private final Fingerprints fingerprints;
    private final int start;
    private final boolean bounded;
    private final int maxDepth;
    private final LevelTotals totals = new LevelTotals();

    private long statesTold;

    private int base;
    private int depth;
    private int[] path = new int[64];
    private SearchFrame[] frames = new SearchFrame[0];

    LevelWorker(LevelSearch search, Crew.Member member) {
        this.search = search;
        subject = member.subject();
        start = member.start();
        Level level = search.level();
        fingerprints = new Fingerprints(subject, level.symmetry());
        bounded = level.bounded();
        maxDepth = level.bounds().maxDepth();
        reserve(0);
    }

    LevelTotals totals() {
        return totals;
    }

    /** Searches until nobody has work or the search is stopped; what is left then goes back to the pool. */
    void work() {
        while (true) {
            SearchTask task = search.pool().take();
            if (task == null) {
                return;
            }
            restore(task);
            search();
        }
    }

    /** Visits the initial state: the root of everything. */
    void visitRoot() {
        subject.undoTo(start);
        base = 0;
        depth = -1;
        if (enter(-1, search.level().budget())) {
            search.pool().give(rest(0, frames[0]));
        }
    }

    private void restore(SearchTask task) {
        subject.undoTo(start);
        base = task.prefix().length;
        reserve(base);
        for (int i = 0; i < base; i++) {
            path[i] = task.prefix()[i];
            if (!subject.step(path[i])) {
                throw new IllegalStateException(
                        "the same lanes gave another result: " + Arrays.toString(task.prefix()));
            }
        }
        depth = base;
        SearchFrame frame = frames[base];
        frame.lanes = task.lanes().clone();
        frame.next = 0;
        frame.end = frame.lanes.length;
        frame.running = task.running();
        frame.budget = task.budget();
        frame.mark = subject.mark();
    }

    private void search() {
        int untilLook = BETWEEN_LOOKS;
        while (!search.stopped()) {
            SearchFrame frame = frames[depth];
            if (frame.next == frame.end) {
                if (depth == base) {
                    return;
                }
                depth--;
                subject.undoTo(frames[depth].mark);
                continue;
            }
            if (--untilLook == 0) {
                untilLook = BETWEEN_LOOKS;
                lookUp();
            }
            int lane = frame.lanes[frame.next++];
            path[depth] = lane;
            totals.steps++;
            if (!subject.step(lane)) {
                search.found(path, depth + 1, subject.violations());
            } else if (enter(lane, frame.budgetBehind(lane))) {
                continue;
            }
            subject.undoTo(frame.mark);
        }
        giveAllBack();
    }

    private void lookUp() {
        long newStates = totals.states - statesTold;
        statesTold = totals.states;
        search.look(this, newStates);
    }

    /** A state was reached by a lane: true if it is to be expanded; its frame is on the stack then. */
    private boolean enter(int lane, int budget) {
        int reached = depth + 1;
        reserve(reached);
        SearchFrame frame = frames[reached];
        int count = -1;
        int running = -1;
        if (bounded) {
            count = frame.enabled(subject);
            running = toFront(frame.lanes, count, lane) ? lane : -1;
        }
        int old = search.visited().offer(fingerprints.high(running), fingerprints.low(running), budget);
        if (old >= budget) {
            return old == VisitedSegment.FULL && outOfMemory();
        }
        if (!bounded) {
            count = frame.enabled(subject);
        }
        if (!isExpandable(old, count, reached)) {
            return false;
        }
        frame.open(count, running, budget, subject.mark());
        if (old == VisitedSegment.NEW) {
            totals.transitions += frame.end;
        } else if (old == 0 && running >= 0) {
            totals.transitions += count - 1;
        }
        depth = reached;
        return true;
    }

    private boolean isExpandable(int old, int count, int reached) {
        if (old == VisitedSegment.NEW) {
            totals.states++;
            if (count == 0) {
                totals.ends++;
                search.ended();
                if (!subject.end()) {
                    search.found(path, reached, subject.violations());
                }
            }
        }
        if (count > 0 && reached == maxDepth) {
            totals.cut = true;
            return false;
        }
        return count > 0;
    }

    /** The transition cannot be remembered: it is left for whoever goes on with more memory. */
    private boolean outOfMemory() {
        search.stop(Exploration.Stop.MEMORY);
        if (depth >= 0) {
            frames[depth].next--;
        }
        return false;
    }

    /** To go on with the same lane first reaches most states with the most preemptions left. */
    private static boolean toFront(int[] lanes, int count, int lane) {
        for (int i = 0; i < count; i++) {
            if (lanes[i] == lane) {
                System.arraycopy(lanes, 0, lanes, 1, i);
                lanes[0] = lane;
                return true;
            }
        }
        return false;
    }

    /** Gives away what is to be done in the first state of the schedule that still has something. */
    void donate() {
        for (int i = base; i < depth; i++) {
            SearchFrame frame = frames[i];
            if (frame.next < frame.end) {
                search.pool().give(rest(i, frame));
                frame.next = frame.end;
                return;
            }
        }
    }

    private void giveAllBack() {
        for (int i = base; i <= depth; i++) {
            if (frames[i].next < frames[i].end) {
                search.pool().give(rest(i, frames[i]));
            }
        }
    }

    private SearchTask rest(int prefix, SearchFrame frame) {
        return new SearchTask(
                Arrays.copyOf(path, prefix),
                frame.running,
                frame.budget,
                Arrays.copyOfRange(frame.lanes, frame.next, frame.end));
    }

    private void reserve(int upTo) {
        if (upTo >= frames.length) {
            int length = Math.max(64, 2 * upTo);
            int old = frames.length;
            frames = Arrays.copyOf(frames, length);
            path = Arrays.copyOf(path, length);
            for (int i = old; i < length; i++) {
                frames[i] = new SearchFrame();
            }
        }
    }
}
