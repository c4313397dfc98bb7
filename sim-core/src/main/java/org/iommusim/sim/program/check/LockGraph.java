package org.iommusim.sim.program.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/** Which class of locks is taken while which other is held: a graph without circles. */
public final class LockGraph {
    private final Map<String, TreeSet<String>> nested = new TreeMap<>();
    private final Map<String, TreeSet<String>> below = new TreeMap<>();

    /** An order from chains such as {@code dev_set->lock, igroup->lock, group->mutex}: each is taken with those before it held. */
    public static LockGraph of(List<List<String>> chains) {
        LockGraph graph = new LockGraph();
        for (List<String> chain : chains) {
            for (int i = 0; i + 1 < chain.size(); i++) {
                graph.nested.computeIfAbsent(chain.get(i), c -> new TreeSet<>()).add(chain.get(i + 1));
            }
        }
        for (String lockClass : graph.nested.keySet()) {
            TreeSet<String> reached = new TreeSet<>();
            graph.collect(lockClass, reached);
            if (reached.contains(lockClass)) {
                throw new IllegalArgumentException("an order of locks that goes round: " + lockClass);
            }
            graph.below.put(lockClass, reached);
        }
        return graph;
    }

    private void collect(String from, TreeSet<String> reached) {
        for (String next : nested.getOrDefault(from, new TreeSet<>())) {
            if (reached.add(next)) {
                collect(next, reached);
            }
        }
    }

    /** True if {@code inner} may be taken while {@code outer} is held. */
    public boolean mayNest(String outer, String inner) {
        TreeSet<String> reached = below.get(outer);
        return reached != null && reached.contains(inner);
    }

    /** These classes and all that may be taken while one of them is held. */
    public List<String> closure(List<String> classes) {
        TreeSet<String> all = new TreeSet<>(classes);
        for (String lockClass : classes) {
            all.addAll(below.getOrDefault(lockClass, new TreeSet<>()));
        }
        return List.copyOf(all);
    }

    /** A way from one class to another one over known and learned edges; empty if there is none. Of one class to itself: both. */
    List<String> path(String from, String to, @Nullable Edge learned) {
        if (from.equals(to)) {
            return List.of(from, to);
        }
        List<String> way = new ArrayList<>();
        way.add(from);
        return search(way, to, learned, new TreeSet<>()) ? way : List.of();
    }

    private boolean search(List<String> way, String to, @Nullable Edge learned, TreeSet<String> seen) {
        String at = way.get(way.size() - 1);
        if (at.equals(to)) {
            return true;
        }
        TreeSet<String> next = new TreeSet<>(nested.getOrDefault(at, new TreeSet<>()));
        for (Edge edge = learned; edge != null; edge = edge.next) {
            if (edge.before.equals(at)) {
                next.add(edge.after);
            }
        }
        for (String step : next) {
            if (seen.add(step)) {
                way.add(step);
                if (search(way, to, learned, seen)) {
                    return true;
                }
                way.remove(way.size() - 1);
            }
        }
        return false;
    }

    /** What a run has shown; a list sorted by name, so that the order in which it was learned does not matter. */
    record Edge(String before, String after, @Nullable Edge next) implements Identified {
        static boolean has(@Nullable Edge list, String before, String after) {
            for (Edge edge = list; edge != null; edge = edge.next) {
                if (edge.before.equals(before) && edge.after.equals(after)) {
                    return true;
                }
            }
            return false;
        }

        static Edge with(@Nullable Edge list, String before, String after) {
            if (list == null || (before + after).compareTo(list.before + list.after) < 0) {
                return new Edge(before, after, list);
            }
            return new Edge(list.before, list.after, with(list.next, before, after));
        }

        @Override
        public long stableId() {
            return before.hashCode() * 31L + after.hashCode() + (next == null ? 1 : next.stableId() * 131);
        }
    }
}
