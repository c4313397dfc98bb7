package org.iommusim.hw.walk;

/**
 * Three levels (2, 1, 0) of 512 entries of 8 bytes: bit 0 present, bit 1 leaf above level 0, bit 2 writable, bit 3
 * accessed; the address from bit 12 on. {@code flags} bit 0: the accessed flag is set by the walker.
 */
final class ToyFormat implements TableFormat {
    static final ToyFormat INSTANCE = new ToyFormat();
    static final long PRESENT = 1;
    static final long LEAF = 2;
    static final long WRITABLE = 4;
    static final long ACCESSED = 8;
    static final int SETS_ACCESSED = 1;

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public WalkAction start(WalkState state) {
        return state.input >>> 39 == 0 ? readEntry(state) : state.fail(WalkFault.INPUT_RANGE);
    }

    @Override
    public WalkAction resume(WalkState state, int level, long table, int tablePermissions) {
        state.level = level;
        state.table = table;
        state.tablePermissions = tablePermissions;
        return readEntry(state);
    }

    private WalkAction readEntry(WalkState state) {
        return state.read(state.table + (state.input >>> levelShift(state.parameters, state.level) & 511) * 8, 8);
    }

    @Override
    public WalkAction descriptor(WalkState state, long descriptor) {
        if ((descriptor & PRESENT) == 0) {
            return state.fail(WalkFault.TRANSLATION);
        }
        if (state.level > 0 && (descriptor & LEAF) == 0) {
            state.level--;
            state.table = descriptor & -1L << 12;
            return readEntry(state);
        }
        if ((state.access & Access.WRITE) != 0 && (descriptor & WRITABLE) == 0) {
            return state.fail(WalkFault.PERMISSION);
        }
        if ((state.parameters.flags & SETS_ACCESSED) != 0 && (descriptor & ACCESSED) == 0) {
            state.updateAddress = state.readAddress;
            state.updateExpected = descriptor;
            state.updateValue = descriptor | ACCESSED;
            return WalkAction.UPDATE;
        }
        state.pageShift = levelShift(state.parameters, state.level);
        state.outputBase = descriptor & -1L << state.pageShift;
        state.permissions = Access.both(Access.READ | ((descriptor & WRITABLE) != 0 ? Access.WRITE : 0));
        state.attributes = 0;
        return WalkAction.LEAF;
    }

    @Override
    public int nextLevel(int level) {
        return level - 1;
    }

    @Override
    public int levelShift(StageParameters parameters, int level) {
        return 12 + 9 * level;
    }

    @Override
    public int lastLevel() {
        return 0;
    }
}
