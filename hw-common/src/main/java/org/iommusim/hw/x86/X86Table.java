package org.iommusim.hw.x86;

import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;

/**
 * x86-64 page tables of 4 or 5 levels, walked for a device. {@code StageParameters.inputBits} is 48 or 57, {@code startLevel}
 * is 4 or 5, pages are level 1; {@code outputBits} says which address bits are reserved; {@code flags} are those below. The
 * attributes of a leaf are its index into the page attribute table.
 *
 * <p>Every level is checked before the next one is read, in the order present, user, write, execute, reserved bits. An entry
 * that passes gets its accessed flag (and a leaf that is written its dirty flag) before the walk goes on; so a walk that fails
 * further down has already marked the entries above. An access of nothing only asks whether there is a page, and marks nothing.
 *
 * <p>A leaf that is not dirty is handed on without write permission, unless it is being written: whoever caches it has to come
 * back for the first write. An owner who has dirty flags left alone gets what the entries say.
 *
 * <p>Not here: protection keys, shadow stacks, linear address masking, 128-bit paging.
 */
public final class X86Table extends LongModeTable {
    /** The one instance. */
    public static final X86Table INSTANCE = new X86Table();

    /** Flag: privileged writes need RW too (CR0.WP). */
    public static final int WP = 1;
    /** Flag: the XD bit counts; otherwise it is ignored. */
    public static final int NXE = 1 << 1;
    /** Flag: privileged accesses may not execute what user accesses may (CR4.SMEP). */
    public static final int SMEP = 1 << 2;
    /** Flag: the extended accessed flag is set along with the accessed flag. */
    public static final int EXTENDED_ACCESSED = 1 << 3;
    /** Flag: pages of 1 GiB exist. */
    public static final int GIGABYTE_PAGES = 1 << 4;
    /** Flag: accessed flags are left alone. */
    public static final int LEAVES_ACCESSED = 1 << 5;
    /** Flag: dirty flags are left alone, and mean nothing. */
    public static final int LEAVES_DIRTY = 1 << 6;

    private static final int ALL = Access.READ | Access.WRITE | Access.EXECUTE;

    private X86Table() {}

    @Override
    public String name() {
        return "x86-64";
    }

    @Override
    protected boolean inRange(WalkState state) {
        long sign = state.input >> state.parameters.inputBits - 1;
        return sign == 0 || sign == -1;
    }

    @Override
    public WalkAction descriptor(WalkState state, long entry) {
        state.descriptor = entry;
        if ((entry & X86Pte.P) == 0) {
            return state.fail(WalkFault.TRANSLATION);
        }
        boolean leaf = isLeaf(state, entry);
        int flags = state.parameters.flags;
        int permissions = state.tablePermissions & granted(entry, flags);
        if (leaf && (flags & SMEP) != 0 && (permissions & Access.READ) != 0) {
            permissions &= ~(Access.EXECUTE << Access.PRIVILEGED_SHIFT);
        }
        if (!Access.allowed(permissions, state.access)) {
            return state.refuse(missing(permissions, state.access));
        }
        if ((entry & reserved(state, leaf)) != 0) {
            return state.fail(WalkFault.RESERVED_BIT);
        }
        long marked = entry | marks(flags, state.access, leaf);
        if (marked != entry) {
            return update(state, entry, marked);
        }
        return leaf ? leaf(state, entry, permissions) : descend(state, entry & X86Pte.ADDRESS, permissions);
    }

    private static long marks(int flags, int access, boolean leaf) {
        if ((access & ALL) == 0) {
            return 0;
        }
        long accessed = X86Pte.A | ((flags & EXTENDED_ACCESSED) != 0 ? X86Pte.EA : 0);
        boolean dirties = leaf && (access & Access.WRITE) != 0 && (flags & LEAVES_DIRTY) == 0;
        return ((flags & LEAVES_ACCESSED) != 0 ? 0 : accessed) | (dirties ? X86Pte.D : 0);
    }

    /** What an entry alone grants: a permission word. */
    private static int granted(long entry, int flags) {
        int data = (entry & X86Pte.RW) != 0 ? Access.READ | Access.WRITE : Access.READ;
        int execute = (entry & X86Pte.XD) != 0 && (flags & NXE) != 0 ? 0 : Access.EXECUTE;
        int privileged = execute | ((flags & WP) == 0 ? Access.READ | Access.WRITE : data);
        int user = (entry & X86Pte.US) != 0 ? data | execute : 0;
        return user | privileged << Access.PRIVILEGED_SHIFT;
    }

    /** Says that a page is not for users before it says what else is not allowed. */
    private static int missing(int permissions, int access) {
        boolean privileged = (access & Access.PRIVILEGED) != 0;
        int granted = privileged ? permissions >>> Access.PRIVILEGED_SHIFT : permissions;
        return privileged || (granted & Access.READ) != 0 ? access & ALL & ~granted : Access.PRIVILEGED;
    }

    private static long reserved(WalkState state, boolean leaf) {
        StageParameters p = state.parameters;
        long beyond = X86Pte.ADDRESS & -1L << p.outputBits;
        if (state.level == 1) {
            return beyond;
        }
        if (!leaf) {
            return beyond | X86Pte.PS;
        }
        boolean exists = state.level == 2 || (p.flags & GIGABYTE_PAGES) != 0;
        long low = X86Pte.ADDRESS & (1L << shift(state.level)) - 1 & ~X86Pte.PAT_LARGE;
        return beyond | (exists ? low : X86Pte.PS);
    }

    private static WalkAction leaf(WalkState state, long entry, int permissions) {
        state.pageShift = shift(state.level);
        state.outputBase = entry & X86Pte.ADDRESS & -1L << state.pageShift;
        boolean clean = (entry & X86Pte.D) == 0 && (state.parameters.flags & LEAVES_DIRTY) == 0;
        state.permissions = clean ? permissions & ~Access.both(Access.WRITE) : permissions;
        state.global = (entry & X86Pte.G) != 0;
        state.attributes = patIndex(entry, state.level > 1);
        return WalkAction.LEAF;
    }

    private static int patIndex(long entry, boolean large) {
        boolean high = (entry & (large ? X86Pte.PAT_LARGE : X86Pte.PAT)) != 0;
        return ((entry & X86Pte.PWT) != 0 ? 1 : 0) | ((entry & X86Pte.PCD) != 0 ? 2 : 0) | (high ? 4 : 0);
    }
}
