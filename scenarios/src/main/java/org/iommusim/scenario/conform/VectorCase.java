package org.iommusim.scenario.conform;

/** One case of a vector file, of whatever kind: it knows how to judge itself. */
public interface VectorCase {
    /** Its name. */
    String id();

    /** How many operations it has. */
    int operations();

    /** Runs it on a fresh model and compares. Cases share nothing, so that any thread may do it. */
    CaseResult judge(boolean verbose);
}
