package org.iommusim.scenario.language;

/** Something that must hold at the end of a run. */
public sealed interface Expectation {
    /** Where the file says so. */
    String pointer();

    /** The author's remark; empty if there is none. */
    String comment();

    /**
     * A range of numbers, both ends included.
     *
     * @param min smallest
     * @param max largest; {@link Long#MAX_VALUE}: no limit
     */
    record Range(long min, long max) {
        /** True if a number lies inside. */
        public boolean has(long number) {
            return number >= min && number <= max;
        }
    }

    /** So many violations. */
    record Violations(String pointer, String comment, long count) implements Expectation {}

    /** So many actors that did not finish. */
    record Stuck(String pointer, String comment, long count) implements Expectation {}

    /**
     * How many DMA requests ended in one way.
     *
     * @param traffic empty: all
     * @param outcome empty: all
     * @param found where the translation came from: {@code micro_tlb}, {@code main_tlb}, {@code shared_tlb} or {@code
     *     walk}; empty: anywhere
     */
    record Dma(String pointer, String comment, String traffic, String outcome, String found, Range range)
            implements Expectation {}

    /**
     * A percentile of a latency.
     *
     * @param traffic empty: all
     * @param of {@code request}, {@code translation} or {@code walk}
     * @param percentile {@code mean}, {@code max} or {@code p99.9}
     * @param range ps
     */
    record Latency(String pointer, String comment, String traffic, String of, String percentile, Range range)
            implements Expectation {}

    /**
     * Objects of an iommufd context.
     *
     * @param context empty: all
     * @param type empty: all
     * @param id a number or a reference {@code $actor.name}; empty: any
     * @param state {@code live}, {@code tombstone} or {@code absent}
     * @param range how many there must be in that state; not used for one id
     */
    record Objects(String pointer, String comment, String context, String type, String id, String state, Range range)
            implements Expectation {}

    /** A counter. */
    record Counter(String pointer, String comment, String name, Range range) implements Expectation {}
}
