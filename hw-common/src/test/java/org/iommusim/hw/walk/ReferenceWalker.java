package org.iommusim.hw.walk;

import java.util.Map;

/**
 * A second reading of a format's rules, written for clarity and without any code of the format. It says what one access to
 * one address must give, and what hardware must leave in each word that it has to look at. It changes nothing in memory.
 */
public interface ReferenceWalker {
    /** What an access must give. */
    ReferenceOutcome access(long address, boolean write, boolean execute, boolean privileged);

    /** What must be in each word afterwards that accesses looked at since {@link #forget}: by address. */
    Map<Long, Long> words();

    /** Memory is as it should be. */
    void forget();

    /** Bits of {@link Access} for the same access. */
    static int bits(boolean write, boolean execute, boolean privileged) {
        int what = execute ? Access.EXECUTE : write ? Access.WRITE : Access.READ;
        return what | (privileged ? Access.PRIVILEGED : 0);
    }
}
