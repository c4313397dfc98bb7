package org.iommusim.sim.explore;

import java.util.Map;
import java.util.TreeMap;

/**
 * Hands out the batches of {@link RandomSchedules} and adds up what they met. A batch depends on nothing but its number, and
 * they are added up in the order of their numbers, so it shows nowhere who ran which. The first violation of the lowest batch
 * that has one ends it all: what later batches met is dropped.
 */
final class RandomBatches {
    private final long batches;
    private final RandomTotals totals;
    /** Batches that are done while an earlier one is not. */
    private final Map<Long, RandomRun> early = new TreeMap<>();

    private long next;
    private long added;
    private boolean cancelled;

    RandomBatches(long batches, RandomTotals totals) {
        this.batches = batches;
        this.totals = totals;
    }

    /** The number of the next batch to run; -1 if there is none. */
    synchronized long take() {
        return cancelled || next == batches ? -1 : next++;
    }

    /** A batch was run. */
    synchronized void done(long number, RandomRun batch) {
        early.put(number, batch);
        if (batch.found() != null) {
            next = batches;
        }
        RandomRun ready = early.remove(added);
        while (ready != null && totals.found() == null) {
            totals.add(ready);
            added++;
            ready = early.remove(added);
        }
    }

    /** No more batches are handed out; those that are being run may end early. */
    synchronized void cancel() {
        cancelled = true;
    }

    /** True after {@link #cancel}. */
    synchronized boolean cancelled() {
        return cancelled;
    }

    /** Nobody runs a batch any more: if it was cancelled, batches behind a gap are not lost. */
    synchronized RandomTotals totals() {
        for (RandomRun batch : early.values()) {
            if (totals.found() == null) {
                totals.add(batch);
            }
        }
        early.clear();
        return totals;
    }
}
