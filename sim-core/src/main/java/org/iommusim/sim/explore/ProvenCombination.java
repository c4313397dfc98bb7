package org.iommusim.sim.explore;

/**
 * The combinations of engine, reduction and bound for which a differential test compares the search with the naive one.
 * Only these may call a result exhaustive; each names its test.
 */
enum ProvenCombination {
    /** {@code StatefulSearchDifferentialTest}. */
    STATEFUL(StatefulSearch.NAME, Exploration.NO_REDUCTION, false),
    /** {@code StatefulSearchDifferentialTest}. */
    STATEFUL_BOUNDED(StatefulSearch.NAME, Exploration.NO_REDUCTION, true),
    /** {@code StatefulSearchDifferentialTest}, {@code MirroredSubjectTest}. */
    STATEFUL_SYMMETRY(StatefulSearch.NAME, StatefulSearch.SYMMETRY, false),
    /** {@code StatefulSearchDifferentialTest}, {@code MirroredSubjectTest}. */
    STATEFUL_SYMMETRY_BOUNDED(StatefulSearch.NAME, StatefulSearch.SYMMETRY, true),
    /** Leaves nothing out: {@code NaiveSearchTest} counts. */
    NAIVE(NaiveSearch.NAME, Exploration.NO_REDUCTION, false),
    /** {@code NaiveSearchTest}. */
    NAIVE_BOUNDED(NaiveSearch.NAME, Exploration.NO_REDUCTION, true),
    /** {@code DporDifferentialTest}, {@code DporRandomProgramsTest}, {@code DporWorkersTest}. */
    DPOR(SourceDpor.NAME, SourceDpor.SOURCE_SETS, false),
    /** {@code DporDifferentialTest}, {@code DporRandomProgramsTest}, {@code DporWorkersTest}. */
    SLEEP_SETS(SourceDpor.NAME, SourceDpor.SLEEP_SETS, false);

    private final String engine;
    private final String reduction;
    private final boolean preemptionBounded;

    ProvenCombination(String engine, String reduction, boolean preemptionBounded) {
        this.engine = engine;
        this.reduction = reduction;
        this.preemptionBounded = preemptionBounded;
    }

    /** True if a differential test covers this combination. */
    static boolean covers(String engine, String reduction, Bounds bounds) {
        for (ProvenCombination proven : values()) {
            if (proven.engine.equals(engine)
                    && proven.reduction.equals(reduction)
                    && proven.preemptionBounded == bounds.preemptionBounded()) {
                return true;
            }
        }
        return false;
    }
}
