package org.iommusim.sim.explore;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A transition out of a {@link DporNode} with all that is below it: work for one worker until that makes a node of a part of
 * it. Guarded by the {@link DporSearch}.
 */
final class DporChild {
    /** Where it begins; null for the whole tree. */
    final @Nullable DporNode node;

    /** Its place among the node's children. */
    final int index;

    /** The number of its lane; -1 for the whole tree. */
    final int lane;

    /** What was counted in it, once it is done. */
    final DporTotals totals = new DporTotals();

    /** What it asks for, as long as an earlier child may still ask for something. */
    private final ArrayDeque<DporRequest> early = new ArrayDeque<>();

    private boolean done;

    DporChild(@Nullable DporNode node, int index, int lane) {
        this.node = node;
        this.index = index;
        this.lane = lane;
    }

    /** Somebody in it asks for lanes at a depth that is not below it. */
    void ask(DporRequest request, DporSearch search) {
        if (node == null) {
            throw new IllegalStateException("nothing is above the tree: " + request);
        }
        if (node.isNext(this)) {
            node.answer(request, search);
        } else {
            early.add(request);
        }
    }

    /** Its turn has come: passes on what it has asked for. */
    void passOn(DporNode to, DporSearch search) {
        for (DporRequest request = early.poll(); request != null; request = early.poll()) {
            to.answer(request, search);
        }
    }

    /** Nothing more comes of it. */
    void done(DporTotals counted, DporSearch search) {
        totals.add(counted);
        done = true;
        if (node == null) {
            search.over();
        } else {
            node.advance(search);
        }
    }

    boolean isDone() {
        return done;
    }
}
