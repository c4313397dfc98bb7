package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * Finds the least violating schedule with at most so many preemptions: fewest transitions, then first in lexicographic
 * order. The caller knows that there is none with fewer preemptions.
 *
 * <p>Depth first in lexicographic order, no deeper than would still be shorter than the best so far. A state is left alone
 * if it was reached before with no more transitions and no fewer preemptions left, with the same lane going on: whatever
 * follows here follows there as well, and comes before in the order. One thread, so that even the counts are the same in
 * every run.
 */
final class LeastSearch {
    private static final int BETWEEN_LOOKS = 256;

    private final Subject subject;
    private final int start;
    private final int preemptions;
    private final String text;
    private final ExploreProgress progress;
    private final Fingerprints fingerprints;
    private final StateNumbers reached;
    private final LevelTotals totals = new LevelTotals();

    private int depth;
    private int deepest;
    private int limit;
    private int[] path = new int[64];
    private SearchFrame[] frames = new SearchFrame[0];
    private @Nullable Counterexample least;
    private @Nullable Stop stop;

    /** Makes a search for the least schedule within a level, which counts preemptions. */
    LeastSearch(Level level, Crew.Member member, ExploreProgress progress) {
        subject = member.subject();
        start = member.start();
        preemptions = level.preemptions();
        text = "the least with " + level.text();
        this.progress = progress;
        fingerprints = new Fingerprints(subject, level.symmetry());
        reached = new StateNumbers(level.bounds().maxBytes());
        limit = level.bounds().maxDepth();
    }

    /** What was counted: here a state counts once for each lane that may go on and each number of preemptions left. */
    LevelTotals totals() {
        return totals;
    }

    /** Transitions of the longest schedule that was tried. */
    int deepest() {
        return deepest;
    }

    /** Why the search ended early; null if it did not. */
    @Nullable
    Stop stop() {
        return stop;
    }

    /** Searches; null if nothing violates, or nothing did before it was stopped. */
    @Nullable
    Counterexample run() {
        subject.undoTo(start);
        depth = -1;
        if (enter(-1, preemptions)) {
            search();
        }
        subject.undoTo(start);
        return least;
    }

    private void search() {
        while (stop == null) {
            SearchFrame frame = frames[depth];
            if (frame.next == frame.end || depth >= limit) {
                if (depth == 0) {
                    return;
                }
                depth--;
                subject.undoTo(frames[depth].mark);
                continue;
            }
            int lane = frame.lanes[frame.next++];
            path[depth] = lane;
            if (++totals.steps % BETWEEN_LOOKS == 0) {
                look();
            }
            if (!subject.step(lane)) {
                totals.ends++;
                violated(depth + 1, frame.budgetBehind(lane));
            } else if (enter(lane, frame.budgetBehind(lane))) {
                continue;
            }
            subject.undoTo(frame.mark);
        }
    }

    private boolean enter(int lane, int budget) {
        int at = depth + 1;
        SearchFrame frame = frame(at);
        int count = frame.enabled(subject);
        int running = Arrays.binarySearch(frame.lanes, 0, count, lane) >= 0 ? lane : -1;
        if (dominated(running, budget, at)) {
            return false;
        }
        deepest = Math.max(deepest, at);
        if (count == 0) {
            totals.ends++;
            if (!subject.end()) {
                violated(at, budget);
            }
            return false;
        }
        frame.open(count, running, budget, subject.mark());
        totals.transitions += frame.end;
        depth = at;
        return true;
    }

    private boolean dominated(int running, int budget, int at) {
        long high = fingerprints.high(running);
        for (int left = budget; left <= preemptions; left++) {
            if (reached.get(high, fingerprints.low(running, left)) <= at) {
                return true;
            }
        }
        if (!reached.put(high, fingerprints.low(running, budget), at)) {
            stop = Stop.MEMORY;
            return true;
        }
        totals.states = reached.size();
        return false;
    }

    private void violated(int length, int budget) {
        if (least == null || length < least.lanes().size()) {
            least = Counterexample.of(preemptions - budget, path, length, subject.violations());
            limit = length - 1;
        }
    }

    private void look() {
        if (progress.cancelled()) {
            stop = Stop.CANCELLED;
        }
        progress.update(text, totals.ends, totals.states, Double.NaN);
    }

    private SearchFrame frame(int at) {
        if (at >= frames.length) {
            int old = frames.length;
            int length = Math.max(64, 2 * at);
            frames = Arrays.copyOf(frames, length);
            path = Arrays.copyOf(path, length);
            for (int i = old; i < length; i++) {
                frames[i] = new SearchFrame();
            }
        }
        return frames[at];
    }
}
