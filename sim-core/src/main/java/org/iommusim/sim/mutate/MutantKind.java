package org.iommusim.sim.mutate;

/** What a mutant takes away or turns round. */
public enum MutantKind {
    /** A lock is not taken. */
    LOCK("locks"),
    /** A lock is held to the end of the program instead of to its unlock. */
    UNLOCK("unlocks"),
    /** Something is neither taken nor given back, or a count is not changed. */
    REFERENCE("references"),
    /** What was taken is not given back. */
    UNDO("undos"),
    /** What should stay held beyond the program is given back. */
    KEEP("keeps"),
    /** A flag or a pointer is not set. */
    FLAG("flags"),
    /** Nobody is woken. */
    WAKE("wake-ups"),
    /** A condition is not looked at. */
    CHECK("checks"),
    /** Nothing is waited for. */
    WAIT("waits"),
    /** Another program is not run. */
    CALL("calls"),
    /** Another step is left out. */
    STEP("other steps"),
    /** Two neighbouring steps are done the other way round. */
    SWAP("orders");

    private final String words;

    MutantKind(String words) {
        this.words = words;
    }

    /** What such mutants change, in words, for tables. */
    public String words() {
        return words;
    }
}
