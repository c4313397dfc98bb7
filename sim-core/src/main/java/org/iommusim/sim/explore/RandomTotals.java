package org.iommusim.sim.explore;

import org.jspecify.annotations.Nullable;

/** What the batches of {@link RandomSchedules} met, added up in their order up to the first violation. */
final class RandomTotals {
    private final SeenHashes traces;
    private final SeenHashes ends;
    private final boolean countTraces;
    private long schedules;
    private long transitions;
    private long cut;
    private int longest = 1;
    private @Nullable Counterexample found;

    RandomTotals(Bounds bounds, boolean countTraces) {
        traces = new SeenHashes(bounds.maxBytes() / 2);
        ends = new SeenHashes(bounds.maxBytes() / 2);
        this.countTraces = countTraces;
    }

    /** Adds the next batch. */
    void add(RandomRun batch) {
        schedules += batch.schedules();
        transitions += batch.transitions();
        cut += batch.cut();
        longest = Math.max(longest, batch.longest());
        for (int i = 0; i < batch.schedules(); i++) {
            ends.add(batch.end(i));
            if (countTraces) {
                traces.add(batch.trace(i));
            }
        }
        found = batch.found();
    }

    /** Schedules run. */
    long schedules() {
        return schedules;
    }

    /** Transitions run. */
    long transitions() {
        return transitions;
    }

    /** Schedules cut at the bound on depth. */
    long cut() {
        return cut;
    }

    /** Transitions of the longest schedule. */
    int longest() {
        return longest;
    }

    /** Different states at the end of a schedule. */
    long ends() {
        return ends.count();
    }

    /** Different traces; 0 if they are not counted. */
    long traces() {
        return traces.count();
    }

    /** False if there was no memory left to tell more traces apart. */
    boolean tracesComplete() {
        return !traces.full();
    }

    /** The violation that the last batch met; null if there was none. */
    @Nullable
    Counterexample found() {
        return found;
    }
}
