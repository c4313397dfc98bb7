package org.iommusim.sim.stats;

/** One named number, or distribution of numbers, of a simulation. */
public sealed interface Statistic permits Counter, LatencyHistogram {

    /**
     * Where it belongs.
     *
     * @return a path such as {@code smmu0.main_tlb.misses}
     */
    String name();

    /**
     * What it counts in.
     *
     * @return a unit such as {@code requests}, {@code bytes}, {@code ps}
     */
    String unit();

    /**
     * What it means.
     *
     * @return one line for people
     */
    String description();

    /** Forgets what was recorded, as if the simulation began now: ends a warm-up. */
    void reset();
}
