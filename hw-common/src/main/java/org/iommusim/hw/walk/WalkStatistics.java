package org.iommusim.hw.walk;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.stats.Statistics;

/** What a walk engine counts. */
final class WalkStatistics {
    final Counter started;
    final Counter updates;
    final Counter faults;
    final Counter merged;
    private final Counter[] reads = new Counter[3];

    WalkStatistics(Simulation sim, String name) {
        Statistics statistics = sim.statistics().under(name);
        started = statistics.counter(
                "walks", "walks", "translations by walking, those that the walk cache shortened included");
        reads[1] = statistics.counter("stage1_reads", "reads", "table entries of stage 1 read from memory");
        reads[2] = statistics.counter("stage2_reads", "reads", "table entries of stage 2 read from memory");
        updates = statistics.counter("updates", "updates", "accessed and dirty flags written to tables");
        merged = statistics.counter("merged_reads", "reads", "table entries that another walk was reading anyway");
        faults = statistics.counter("faults", "walks", "walks that ended with a fault");
    }

    Counter reads(int stage) {
        return reads[stage];
    }
}
