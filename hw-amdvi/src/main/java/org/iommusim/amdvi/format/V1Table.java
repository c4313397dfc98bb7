package org.iommusim.amdvi.format;

import org.iommusim.amdvi.spec.V1Pte;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.TableFormat;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;

/**
 * Host tables (v1) of 1 to 6 levels; pages are level 1. {@code inputBits} is {@code 12 + 9 * startLevel}, but 64 for 6 levels;
 * {@code flags} are those below; {@code tag} is the domain id. The attributes of a leaf are PMS in bits 1:0, {@link
 * #ATTRIBUTE_U} and {@link #ATTRIBUTE_FC}.
 *
 * <p>An entry says itself of which level the table is that it points to, which must be lower than its own; the address bits of
 * levels that are left out must be zero, otherwise nothing is mapped there. At level 1 an entry that is no page is malformed, at
 * level 6 one that is. A page whose size is in its address stands in every entry that it covers; hardware marks the one that it
 * read. An access of nothing only asks whether there is a page, and marks nothing.
 *
 * <p>Permissions are collected on the way and judged at the leaf. Accessed flags are set on each entry that passes, before the
 * walk goes on; a leaf that is not dirty is handed on without write permission, unless it is being written. There is no execute
 * permission: what may be read may be executed. What the device table entry allows is not in here, because functions with
 * different permissions may share what is cached of one domain.
 */
public final class V1Table implements TableFormat {
    /** The one instance. */
    public static final V1Table INSTANCE = new V1Table();

    /** Flag: hardware sets accessed flags. */
    public static final int ACCESSED = 1;
    /** Flag: hardware sets dirty flags; only with {@link #ACCESSED}. */
    public static final int DIRTY = 1 << 1;

    /** Attribute bit: only untranslated accesses may use the page. */
    public static final long ATTRIBUTE_U = 1 << 2;
    /** Attribute bit: accesses are snooped, whatever they ask for. */
    public static final long ATTRIBUTE_FC = 1 << 3;

    private static final int ALL = Access.READ | Access.WRITE | Access.EXECUTE;
    private static final int INDEX = 511;

    private V1Table() {}

    @Override
    public String name() {
        return "AMD-Vi v1";
    }

    @Override
    public int nextLevel(int level) {
        return level - 1;
    }

    @Override
    public int levelShift(StageParameters parameters, int level) {
        return V1Pte.shift(level);
    }

    @Override
    public int lastLevel() {
        return 1;
    }

    @Override
    public WalkAction start(WalkState state) {
        int bits = state.parameters.inputBits;
        boolean inRange = bits == Long.SIZE || state.input >>> bits == 0;
        return inRange ? readEntry(state) : state.fail(WalkFault.INPUT_RANGE);
    }

    /** The range has been checked: every walk starts before it goes on in the middle. */
    @Override
    public WalkAction resume(WalkState state, int level, long table, int tablePermissions) {
        state.level = level;
        state.table = table;
        state.tablePermissions = tablePermissions;
        return readEntry(state);
    }

    @Override
    public WalkAction descriptor(WalkState state, long entry) {
        state.descriptor = entry;
        if ((entry & V1Pte.PR) == 0) {
            return state.fail(WalkFault.TRANSLATION);
        }
        int next = V1Pte.NEXT_LEVEL.getInt(entry);
        int permissions = state.tablePermissions & granted(entry);
        if (next == V1Pte.LEAF || next == V1Pte.LEAF_SIZED) {
            return leaf(state, entry, next == V1Pte.LEAF_SIZED, permissions);
        }
        if (next >= state.level) {
            return state.fail(WalkFault.RESERVED_BIT);
        }
        long leftOut = (1L << V1Pte.shift(state.level)) - (1L << V1Pte.shift(next + 1));
        if ((state.input & leftOut) != 0) {
            return state.fail(WalkFault.TRANSLATION);
        }
        boolean marks = (state.parameters.flags & ACCESSED) != 0 && state.access != 0;
        if (marks && (entry & V1Pte.A) == 0) {
            return update(state, entry, entry | V1Pte.A);
        }
        state.tablePermissions = permissions;
        state.level = next;
        state.table = entry & V1Pte.ADDRESS;
        return readEntry(state);
    }

    private static int granted(long entry) {
        int reads = (entry & V1Pte.IR) != 0 ? Access.READ | Access.EXECUTE : 0;
        int writes = (entry & V1Pte.IW) != 0 ? Access.WRITE : 0;
        return Access.both(reads | writes);
    }

    private static WalkAction leaf(WalkState state, long entry, boolean sized, int permissions) {
        int shift = sized ? V1Pte.sizedShift(entry) : V1Pte.shift(state.level);
        if (shift == 0 || state.level == V1Pte.LEVELS) {
            return state.fail(WalkFault.RESERVED_BIT);
        }
        if (!Access.allowed(permissions, state.access)) {
            return state.refuse(state.access & ALL & ~permissions);
        }
        int flags = state.access == 0 ? 0 : state.parameters.flags;
        boolean dirties = (flags & DIRTY) != 0 && (state.access & Access.WRITE) != 0;
        long marked = entry | ((flags & ACCESSED) != 0 ? V1Pte.A : 0) | (dirties ? V1Pte.D : 0);
        if (marked != entry) {
            return update(state, entry, marked);
        }
        boolean clean = (state.parameters.flags & DIRTY) != 0 && (entry & V1Pte.D) == 0;
        state.pageShift = shift;
        state.outputBase = entry & V1Pte.ADDRESS & -1L << shift;
        state.permissions = clean ? permissions & ~Access.both(Access.WRITE) : permissions;
        state.global = false;
        state.attributes = V1Pte.PMS.get(entry)
                | ((entry & V1Pte.U) != 0 ? ATTRIBUTE_U : 0)
                | ((entry & V1Pte.FC) != 0 ? ATTRIBUTE_FC : 0);
        return WalkAction.LEAF;
    }

    private static WalkAction update(WalkState state, long entry, long marked) {
        state.updateAddress = state.readAddress;
        state.updateExpected = entry;
        state.updateValue = marked;
        return WalkAction.UPDATE;
    }

    private static WalkAction readEntry(WalkState state) {
        return state.read(state.table + (state.input >>> V1Pte.shift(state.level) & INDEX) * Long.BYTES, Long.BYTES);
    }
}
