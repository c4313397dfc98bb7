package org.iommusim.hw.x86;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.TableFormat;
import org.iommusim.hw.walk.WalkAction;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.walk.WalkState;

/**
 * Tables of 512 entries of 8 bytes, 4 KiB each, with pages at level 1 and large pages at levels 2 and 3, marked by bit 7. The
 * geometry that x86-64 tables share with those that are made after them, and how such tables are walked; what an entry means is
 * the format's own.
 */
public abstract class LongModeTable implements TableFormat {
    /** Bit of an entry above level 1: a large page. */
    private static final long LARGE = 1 << 7;

    /** For formats. */
    protected LongModeTable() {}

    @Override
    public final int nextLevel(int level) {
        return level - 1;
    }

    @Override
    public final int levelShift(StageParameters parameters, int level) {
        return shift(level);
    }

    @Override
    public final int lastLevel() {
        return 1;
    }

    @Override
    public final boolean checksEveryLevel() {
        return true;
    }

    @Override
    public final WalkAction start(WalkState state) {
        return inRange(state) ? readEntry(state) : state.fail(WalkFault.INPUT_RANGE);
    }

    @Override
    public final WalkAction resume(WalkState state, int level, long table, int tablePermissions) {
        if (!inRange(state)) {
            return state.fail(WalkFault.INPUT_RANGE);
        }
        state.level = level;
        state.table = table;
        state.tablePermissions = tablePermissions;
        return readEntry(state);
    }

    /** True if the tables can map the input address at all. */
    protected abstract boolean inRange(WalkState state);

    /** log2 of how much an entry of a level covers. */
    protected static int shift(int level) {
        return 3 + 9 * level;
    }

    /** True if an entry of the current level is a page, not a pointer to a table. */
    protected static boolean isLeaf(WalkState state, long entry) {
        return state.level == 1 || state.level <= 3 && (entry & LARGE) != 0;
    }

    /** Asks for an update of the entry that was read last. */
    protected static WalkAction update(WalkState state, long entry, long marked) {
        state.updateAddress = state.readAddress;
        state.updateExpected = entry;
        state.updateValue = marked;
        return WalkAction.UPDATE;
    }

    /** Goes on in the table that an entry points to. */
    protected static WalkAction descend(WalkState state, long table, int permissions) {
        state.tablePermissions = permissions;
        state.level--;
        state.table = table;
        return readEntry(state);
    }

    private static WalkAction readEntry(WalkState state) {
        return state.read(state.table + (state.input >>> shift(state.level) & 511) * Long.BYTES, Long.BYTES);
    }
}
