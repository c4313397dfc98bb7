package org.iommusim.sim.explore;

import org.jspecify.annotations.Nullable;

/**
 * The key of a subject's state in a table of visited states: its fingerprint, canonical if the search joins what symmetry
 * makes alike, together with the lane that may go on without a preemption.
 */
final class Fingerprints {
    /** Any odd number with well spread bits: the golden ratio. */
    private static final long PER_LANE = 0x9e3779b97f4a7c15L;

    /** Another one: the fraction of the square root of five. */
    private static final long PER_PREEMPTION = 0xd1b54a32d192ed03L;

    private final Subject subject;
    private final @Nullable SymmetricSubject symmetric;

    Fingerprints(Subject subject, boolean symmetry) {
        this.subject = subject;
        this.symmetric = symmetry ? (SymmetricSubject) subject : null;
    }

    /** First half of the key; {@code running} is the lane that may go on, or -1. */
    long high(int running) {
        return symmetric == null ? subject.fingerprintHigh() : symmetric.canonicalHigh(running);
    }

    /** Second half of the key. */
    long low(int running) {
        return symmetric == null
                ? subject.fingerprintLow() + (running + 1) * PER_LANE
                : symmetric.canonicalLow(running);
    }

    /** Second half of a key that also tells apart how many preemptions are left. */
    long low(int running, int budget) {
        return low(running) + budget * PER_PREEMPTION;
    }
}
