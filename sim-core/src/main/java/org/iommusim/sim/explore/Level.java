package org.iommusim.sim.explore;

/**
 * What one search is to cover.
 *
 * @param preemptions most preemptions, or {@link Bounds#UNLIMITED}
 * @param bounds the other bounds
 * @param symmetry whether states that symmetry makes alike are joined
 * @param maxStates the search gives up beyond about that many states
 */
record Level(int preemptions, Bounds bounds, boolean symmetry, long maxStates) {
    /** True if preemptions are counted. */
    boolean bounded() {
        return preemptions != Bounds.UNLIMITED;
    }

    /** Preemptions that are left in the initial state; 0 if they are not counted. */
    int budget() {
        return bounded() ? preemptions : 0;
    }

    /** The level in words. */
    String text() {
        if (!bounded()) {
            return "any number of preemptions";
        }
        return preemptions == 1 ? "at most 1 preemption" : "at most " + preemptions + " preemptions";
    }
}
