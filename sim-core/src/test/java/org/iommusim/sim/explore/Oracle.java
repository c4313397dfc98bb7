package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.iommusim.sim.check.Violation;
import org.jspecify.annotations.Nullable;

/**
 * What a search should find, worked out in the plainest way: whole states in sets, schedules as lists, everything run again
 * from the start.
 */
final class Oracle {
    private final Subject subject;
    private final int start;
    private final int preemptions;

    Oracle(Subject subject, int preemptions) {
        this.subject = subject;
        this.start = subject.mark();
        this.preemptions = preemptions;
    }

    /** The least violating schedule, by running every schedule; only where there are no loops. */
    @Nullable
    Counterexample leastOfAllSchedules() {
        return leastBehind(new ArrayList<>(), 0, null);
    }

    private @Nullable Counterexample leastBehind(List<Integer> lanes, int used, @Nullable Counterexample best) {
        List<Integer> enabled = run(lanes);
        if (enabled.isEmpty()) {
            return subject.end() ? best : less(best, new Counterexample(used, lanes, subject.violations()));
        }
        for (int lane : enabled) {
            int cost = cost(lanes, enabled, lane);
            if (used + cost > preemptions) {
                continue;
            }
            run(lanes);
            lanes.add(lane);
            if (subject.step(lane)) {
                best = leastBehind(lanes, used + cost, best);
            } else {
                best = less(best, new Counterexample(used + cost, lanes, subject.violations()));
            }
            lanes.remove(lanes.size() - 1);
        }
        return best;
    }

    /** Brings the subject behind these lanes, and says which are enabled there. */
    private List<Integer> run(List<Integer> lanes) {
        subject.undoTo(start);
        for (int lane : lanes) {
            subject.step(lane);
        }
        int[] enabled = new int[subject.lanes()];
        int count = subject.enabled(enabled);
        List<Integer> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(enabled[i]);
        }
        return list;
    }

    private static int cost(List<Integer> lanes, List<Integer> enabled, int lane) {
        if (lanes.isEmpty()) {
            return 0;
        }
        int last = lanes.get(lanes.size() - 1);
        return last != lane && enabled.contains(last) ? 1 : 0;
    }

    private static Counterexample less(@Nullable Counterexample a, Counterexample b) {
        return a == null || Counterexample.LEAST_FIRST.compare(b, a) < 0 ? b : a;
    }

    /** What {@link #graph} found. */
    record Graph(
            long nodes,
            long transitions,
            long ends,
            @Nullable Counterexample least) {}

    /**
     * All states that can be reached, each by the schedule to it that is first in the order of counterexamples; works with
     * loops as well. It goes on behind nothing that violates.
     *
     * @param state the whole state of the subject, in which the given lane may go on (-1: none)
     */
    Graph graph(Function<Integer, Object> state) {
        Map<Object, List<Integer>> best = new HashMap<>();
        Map<Object, Integer> used = new HashMap<>();
        Map<Object, Integer> leaving = new HashMap<>();
        Set<Object> ends = new HashSet<>();
        Counterexample least = null;
        List<List<Integer>> open = new ArrayList<>();
        Object root = node(List.of(), state);
        best.put(root, List.of());
        used.put(root, 0);
        open.add(List.of());
        while (!open.isEmpty()) {
            List<Integer> lanes = open.remove(open.size() - 1);
            List<Integer> enabled = run(lanes);
            Object node = node(lanes, state);
            if (!best.get(node).equals(lanes)) {
                continue;
            }
            int spent = used.get(node);
            if (enabled.isEmpty()) {
                ends.add(node);
                if (!subject.end()) {
                    least = less(least, new Counterexample(spent, lanes, subject.violations()));
                }
            }
            int allowed = 0;
            for (int lane : enabled) {
                int cost = spent + cost(lanes, enabled, lane);
                if (cost > preemptions) {
                    continue;
                }
                allowed++;
                run(lanes);
                List<Integer> longer = new ArrayList<>(lanes);
                longer.add(lane);
                if (!subject.step(lane)) {
                    least = less(least, new Counterexample(cost, longer, subject.violations()));
                    continue;
                }
                Object next = node(longer, state);
                List<Integer> known = best.get(next);
                if (known == null || isBefore(cost, longer, used.get(next), known)) {
                    best.put(next, longer);
                    used.put(next, cost);
                    open.add(longer);
                }
            }
            leaving.merge(node, allowed, Math::max);
        }
        long transitions =
                leaving.values().stream().mapToLong(Integer::intValue).sum();
        return new Graph(best.size(), transitions, ends.size(), least);
    }

    private Object node(List<Integer> lanes, Function<Integer, Object> state) {
        List<Integer> enabled = run(lanes);
        int last = lanes.isEmpty() ? -1 : lanes.get(lanes.size() - 1);
        return state.apply(enabled.contains(last) ? last : -1);
    }

    private static boolean isBefore(int cost, List<Integer> a, int otherCost, List<Integer> b) {
        Counterexample left = labelled(cost, a);
        return Counterexample.LEAST_FIRST.compare(left, labelled(otherCost, b)) < 0;
    }

    private static Counterexample labelled(int cost, List<Integer> lanes) {
        return new Counterexample(cost, lanes, List.of(new Violation(0, "label", "of a schedule")));
    }
}
