package org.iommusim.sim.explore;

import java.util.List;
import org.iommusim.sim.check.Violation;

/**
 * A system whose interleavings are explored: lanes that each have a next transition or none, and a state that can be taken
 * back. The engines know nothing else. One instance belongs to one Java thread; two instances that were made alike and
 * are driven by the same list of lanes do the same and show the same fingerprints.
 *
 * <p>A transition is the piece of a lane's work that ends with its next access to something shared: what a lane does in
 * private commutes with everything and needs no choice.
 */
public interface Subject {
    /** Number of lanes, which are numbered from 0 in a fixed order; never shrinks along a schedule. */
    int lanes();

    /** A lane's name, e.g. {@code vmm} or {@code smmu0 cmdq}. */
    String laneName(int lane);

    /**
     * Which lanes have a next transition now.
     *
     * @param into takes their numbers, rising; has at least {@link #lanes} elements
     * @return how many there are; 0 at the end of a schedule
     */
    int enabled(int[] into);

    /**
     * True if the lane's next transition is enabled only because nothing else is, or takes its turn in an order that no
     * footprint tells (a timeout): it depends on every other transition.
     */
    boolean dependsOnAll(int lane);

    /**
     * Runs one transition of an enabled lane.
     *
     * @return true if no checker objected; otherwise {@link #violations} tells, and the schedule should not go on
     */
    boolean step(int lane);

    /**
     * Judges the end of a schedule; called once, where {@link #enabled} answers 0.
     *
     * @return true if no checker objected, as for {@link #step}
     */
    boolean end();

    /** What checkers found in the last {@link #step} or {@link #end}; empty unless that answered false. */
    List<Violation> violations();

    /** A position to which the state can be taken back: a number that grows with every transition. */
    int mark();

    /** Takes back everything since a mark: state, fingerprint, violations and the state of checkers. */
    void undoTo(int mark);

    /** First half of the 128-bit fingerprint of the state, which includes that of the checkers. */
    long fingerprintHigh();

    /** Second half of the fingerprint. */
    long fingerprintLow();

    /** Whether {@link #accesses} is wanted from now on; it costs time. */
    void recordAccesses(boolean on);

    /** What the last transition touched; valid until the next one. Only while recorded. */
    Accesses accesses();
}
