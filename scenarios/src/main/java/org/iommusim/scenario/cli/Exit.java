package org.iommusim.scenario.cli;

/** What exit statuses mean. */
final class Exit {
    /** All is well. */
    static final int OK = 0;
    /** An expectation failed, or a check reported a violation. */
    static final int FAILED = 1;
    /** The input or the command line is wrong. */
    static final int BAD_INPUT = 2;
    /** An exploration found a violation. */
    static final int VIOLATION = 3;
    /** The simulator itself is wrong. */
    static final int INTERNAL = 70;
    /** Standard output cannot be written. */
    static final int NO_OUTPUT = 74;

    private Exit() {}
}
