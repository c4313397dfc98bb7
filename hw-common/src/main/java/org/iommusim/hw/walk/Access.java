package org.iommusim.hw.walk;

/** Bits of an access to be checked, and of the permissions that a translation grants. */
public final class Access {
    /** Read. */
    public static final int READ = 1;
    /** Write. */
    public static final int WRITE = 2;
    /** Execute (instruction fetch). */
    public static final int EXECUTE = 4;
    /** The access is privileged, or: the permission holds for privileged accesses. */
    public static final int PRIVILEGED = 8;
    /** Permission bits of a privileged access in a permission word are shifted left by this. */
    public static final int PRIVILEGED_SHIFT = 4;

    private Access() {}

    /**
     * True if a permission word allows an access. A permission word has {@link #READ}, {@link #WRITE}, {@link #EXECUTE}
     * for unprivileged accesses and the same bits shifted by {@link #PRIVILEGED_SHIFT} for privileged ones.
     */
    public static boolean allowed(int permissions, int access) {
        int granted = (access & PRIVILEGED) == 0 ? permissions : permissions >>> PRIVILEGED_SHIFT;
        int wanted = access & (READ | WRITE | EXECUTE);
        return (granted & wanted) == wanted;
    }

    /** A permission word that grants the same bits to privileged and unprivileged accesses. */
    public static int both(int bits) {
        return bits | bits << PRIVILEGED_SHIFT;
    }
}
