package org.iommusim.sim.explore;

/**
 * Works out the least counterexample from any one that is known: levels with 0, 1, 2, ... preemptions up to its own are
 * searched with states joined, as far as a little memory
 * goes. If that is not enough, the known one is as good as any.
 */
final class LeastCounterexample {
    /** Most memory for its states, bytes: what was found must not take longer to be made small than to be found. */
    private static final long BYTES = 1L << 26;

    private LeastCounterexample() {}

    /**
     * The least counterexample that was found, or {@code known}.
     *
     * @param subject in its initial state, which it has again afterwards
     */
    static Counterexample of(Subject subject, Counterexample known, Bounds bounds, ExploreProgress progress) {
        Crew.Member member = new Crew.Member(subject, subject.mark());
        for (int preemptions = 0; preemptions <= known.preemptions(); preemptions++) {
            Bounds small = bounds.withMaxBytes(Math.min(BYTES, bounds.maxBytes()));
            Level level = new Level(preemptions, small, false, Long.MAX_VALUE);
            LeastSearch search = new LeastSearch(level, member, progress);
            Counterexample least = search.run();
            if (least != null || search.stop() != null) {
                return least == null ? known : least;
            }
        }
        throw new IllegalStateException("a schedule that violated something does not when it is run again");
    }
}
