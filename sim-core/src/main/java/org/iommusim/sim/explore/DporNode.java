package org.iommusim.sim.explore;

import java.util.ArrayList;
import java.util.List;

/**
 * A node of the tree of {@link SourceDpor} whose children may be run by several workers. Guarded by the {@link DporSearch}.
 *
 * <p>Its children stand in the order in which one worker alone would run them. What they ask for is answered in this order
 * too: a child may be run before its elders are done, but what it asks for waits until they are. So which children there
 * are, and in which order, does not depend on the workers.
 */
final class DporNode {
    private final DporChild parent;
    private final int depth;
    /** Asleep when it was opened. */
    private final long asleep;

    private final LaneNumbers lanes;
    private final List<DporChild> children = new ArrayList<>();
    private final DporTotals totals = new DporTotals();
    private long wanted;
    /** The first child that is not done, or whose elders are not. */
    private int next;
    /** Everything is done, or a violation ends it. */
    private boolean closed;

    /** Makes a node of what a worker has opened; all lanes that it has taken are done but the last. */
    DporNode(DporChild parent, int depth, SourceSets sets, long asleepNow, LaneNumbers lanes) {
        this.parent = parent;
        this.depth = depth;
        this.lanes = lanes;
        wanted = sets.wanted(depth);
        long taken = 0;
        for (int i = 0; i < sets.queued(depth); i++) {
            children.add(new DporChild(this, i, sets.lane(depth, i)));
            taken |= i < sets.taken(depth) ? 1L << sets.lane(depth, i) : 0;
        }
        asleep = asleepNow & ~taken;
        next = sets.taken(depth) - 1;
    }

    DporChild parent() {
        return parent;
    }

    int depth() {
        return depth;
    }

    /** Its children so far, in order. */
    List<DporChild> children() {
        return children;
    }

    /** What was counted below it so far. */
    DporTotals totals() {
        return totals;
    }

    /** True if all elders of a child are done, so that what it asks for is answered at once. */
    boolean isNext(DporChild child) {
        return child.index == next && !closed;
    }

    /** A child whose turn it is asks for lanes here or further up. */
    void answer(DporRequest request, DporSearch search) {
        if (request.depth() < depth) {
            parent.ask(request, search);
        } else if ((request.unless() & (wanted | asleep)) == 0) {
            for (long rest = request.lanes() & ~(wanted | asleep); rest != 0; ) {
                int lane = lanes.highest(rest);
                rest &= ~(1L << lane);
                DporChild child = new DporChild(this, children.size(), lane);
                children.add(child);
                search.ready(child);
            }
            wanted |= request.lanes();
        }
    }

    /** A child is done: goes on with those behind it. */
    void advance(DporSearch search) {
        while (!closed && next < children.size()) {
            DporChild child = children.get(next);
            child.passOn(this, search);
            if (!child.isDone()) {
                return;
            }
            totals.add(child.totals);
            closed = search.endsWith(totals) || next + 1 == children.size();
            next++;
            if (closed) {
                parent.done(totals, search);
            }
        }
    }
}
