package org.iommusim.sim.explore;

/**
 * A subject with lanes that are alike: to swap two of them, together with everything that they own (ids, frames, objects
 * that only they name), changes nothing that a checker can see. A subject whose checkers compare ids is not symmetric.
 *
 * <p>The canonical fingerprint is the same for all states that such swaps turn into each other.
 */
public interface SymmetricSubject extends Subject {
    /**
     * First half of the canonical fingerprint.
     *
     * @param told a lane that is told apart from its like, or -1 for none: two states with a told lane have the same
     *     fingerprint only if swaps turn one into the other and the one told lane into the other
     */
    long canonicalHigh(int told);

    /** Second half of the canonical fingerprint. */
    long canonicalLow(int told);
}
