package org.iommusim.sim.explore;

import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.iommusim.sim.explore.Exploration.Stop;
import org.jspecify.annotations.Nullable;

/**
 * What the workers of {@link SourceDpor} share: the nodes at which they part, and the work there. A worker searches its part
 * alone until another one has nothing to do; then it makes nodes of its schedule from the top down to the first depth at
 * which something else is still to be run.
 */
final class DporSearch {
    private final ArrayDeque<DporChild> ready = new ArrayDeque<>();
    private final DporChild root = new DporChild(null, 0, -1);
    private final LaneRegistry registry = new LaneRegistry();
    private final boolean goesOn;
    private final AtomicLong schedules = new AtomicLong();
    /** What all workers have counted, in any order. */
    private final DporTotals counted = new DporTotals();

    private int waiting;
    private volatile boolean hungry;
    private volatile boolean over;
    private @Nullable Stop stopped;

    /** Makes a search that ends with the first violation, unless it {@code goesOn}. */
    DporSearch(boolean goesOn) {
        this.goesOn = goesOn;
        ready.add(root);
    }

    /** True if a part of the tree with these totals is the end of the search. */
    boolean endsWith(DporTotals totals) {
        return totals.found != null && !goesOn;
    }

    /** The whole tree. */
    DporChild root() {
        return root;
    }

    /** The numbers of lanes that its workers share. */
    LaneRegistry registry() {
        return registry;
    }

    /** Takes work, and waits for it; null once there is and will be none. An interrupt does not end the wait. */
    @Nullable
    DporTask take() {
        boolean interrupted = false;
        synchronized (this) {
            waiting++;
            while (ready.isEmpty() && !over) {
                hungry = true;
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            waiting--;
            hungry = waiting > ready.size();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            return over ? null : DporTask.of(ready.remove());
        }
    }

    /** True if somebody waits for work. */
    boolean hungry() {
        return hungry;
    }

    /** There is more work; only from within. */
    void ready(DporChild child) {
        ready.add(child);
        hungry = waiting > ready.size();
        notifyAll();
    }

    /** A worker needs lanes to be run above its part of the tree. */
    synchronized void ask(DporChild child, DporRequest request) {
        child.ask(request, this);
    }

    /** A worker has done its part. */
    synchronized void done(DporChild child, DporTotals totals) {
        counted.add(totals);
        if (!over) {
            child.done(totals, this);
        }
    }

    /**
     * A worker makes nodes of the depths of its schedule from {@code first} to {@code last}, and keeps what is below.
     *
     * @param totals what it has counted
     * @return what it keeps
     */
    synchronized DporChild part(
            DporChild of, int first, int last, SourceSets sets, SleepSets sleep, LaneNumbers lanes, DporTotals totals) {
        counted.add(totals);
        DporChild kept = of;
        for (int depth = first; depth <= last; depth++) {
            DporNode node = new DporNode(kept, depth, sets, sleep.asleep(depth), lanes);
            if (depth == first) {
                node.totals().add(totals);
            }
            kept = node.children().get(sets.taken(depth) - 1);
        }
        Objects.requireNonNull(kept.node).children().stream()
                .skip(kept.index + 1L)
                .forEach(this::ready);
        return kept;
    }

    /** A worker has run so many more schedules; how many all have. */
    long ran(long more) {
        return schedules.addAndGet(more);
    }

    /** Ends it before everything is done. */
    synchronized void stop(@Nullable Stop why) {
        stopped = why;
        over();
    }

    /** There is nothing more to do. */
    synchronized void over() {
        over = true;
        notifyAll();
    }

    /** True if there is nothing more to do. */
    boolean isOver() {
        return over;
    }

    /** Why it had to stop before the end; null if it had not. */
    synchronized @Nullable Stop stopped() {
        return stopped;
    }

    /** What was counted: if it had to stop, by all workers as far as they came. */
    synchronized DporTotals totals() {
        return stopped == null ? root.totals : counted;
    }
}
