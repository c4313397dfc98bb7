package org.iommusim.hw.ats;

import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.WalkFault;

/**
 * How tables are asked for a translation request. An answer says what is granted, so the walk is not for one access. It is tried
 * with everything that is wanted, and with less if that is refused; what is written is only marked dirty if writing is wanted.
 */
public final class GrantAttempts {
    /** The ways to ask, the one after the other. */
    private static final int READ_WRITE = 0;

    private static final int READ = 1;
    private static final int WRITE = 2;

    private GrantAttempts() {}

    /**
     * The access that the walk is to check, but for its privilege.
     *
     * @param attempt 0 for the first one
     * @param writes whether writing is wanted
     */
    public static int access(int attempt, boolean writes) {
        return switch (attempt) {
            case READ_WRITE -> writes ? Access.READ | Access.WRITE : Access.READ;
            case READ -> Access.READ;
            default -> Access.WRITE;
        };
    }

    /** The walk was refused: true if there is a further attempt. */
    public static boolean another(int attempt, boolean writes) {
        return writes && attempt != WRITE;
    }

    /** True if a fault of a walk is an answer that grants nothing: software has not mapped it so. */
    public static boolean isNoGrant(WalkFault fault) {
        return fault == WalkFault.TRANSLATION || fault == WalkFault.PERMISSION || fault == WalkFault.INPUT_RANGE;
    }

    /**
     * Bits R and W of an answer, and Exe where execution is allowed.
     *
     * @param permissions what the tables allow: a permission word
     * @param execute whether execution was asked for, and may be
     */
    public static long bits(int permissions, boolean privileged, boolean execute) {
        int bits = privileged ? permissions >>> Access.PRIVILEGED_SHIFT : permissions;
        boolean executes = execute && (bits & (Access.READ | Access.EXECUTE)) == (Access.READ | Access.EXECUTE);
        return ((bits & Access.READ) != 0 ? TranslationEntry.R : 0)
                | ((bits & Access.WRITE) != 0 ? TranslationEntry.W : 0)
                | (executes ? TranslationEntry.EXE : 0);
    }
}
