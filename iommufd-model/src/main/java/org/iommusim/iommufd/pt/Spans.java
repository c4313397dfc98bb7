package org.iommusim.iommufd.pt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The holes that one or several trees of ranges leave in a window, lowest first ({@code interval_tree_span_iter}, {@code
 * interval_tree_double_span_iter}). A cursor over the trees as they are; it must not outlive a change of them.
 */
final class Spans {
    private final List<IntervalTree<? extends Ranged>> trees;
    private final long last;
    private long cursor;
    private boolean done;
    private long holeFirst;
    private long holeLast;

    private Spans(long first, long last, List<IntervalTree<? extends Ranged>> trees) {
        this.trees = trees;
        this.last = last;
        cursor = first;
    }

    /** A cursor before the first hole that a tree leaves in [first, last]. */
    static Spans of(long first, long last, IntervalTree<? extends Ranged> tree) {
        return new Spans(first, last, List.of(tree));
    }

    /** A cursor before the first hole that two trees together leave in [first, last]. */
    static Spans of(long first, long last, IntervalTree<? extends Ranged> one, IntervalTree<? extends Ranged> other) {
        return new Spans(first, last, List.of(one, other));
    }

    /** Goes to the next hole; false if there is none. */
    boolean nextHole() {
        while (!done) {
            Ranged next = firstOverlap();
            if (next == null) {
                holeFirst = cursor;
                holeLast = last;
                done = true;
                return true;
            }
            long from = cursor;
            skip(next);
            if (Long.compareUnsigned(next.first(), from) > 0) {
                holeFirst = from;
                holeLast = next.first() - 1;
                return true;
            }
        }
        return false;
    }

    private @Nullable Ranged firstOverlap() {
        Ranged lowest = null;
        for (IntervalTree<? extends Ranged> tree : trees) {
            Ranged candidate = tree.first(cursor, last);
            if (candidate != null && (lowest == null || Long.compareUnsigned(candidate.first(), lowest.first()) < 0)) {
                lowest = candidate;
            }
        }
        return lowest;
    }

    private void skip(Ranged range) {
        done = Long.compareUnsigned(range.last(), last) >= 0;
        cursor = range.last() + 1;
    }

    /** First number of the present hole. */
    long holeFirst() {
        return holeFirst;
    }

    /** Last number of the present hole. */
    long holeLast() {
        return holeLast;
    }
}
