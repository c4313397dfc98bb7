package org.iommusim.iommufd.selftest;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * One table of a {@link MockPageTable}. An item is empty, a leaf, or leads to a table of the level below. A leaf that is
 * larger than an item fills all the items that it covers, as in AMD's format.
 */
final class MockTable implements Identified {
    /** The variable of all items. */
    static final Variable ITEMS = Variable.named("mock.table");

    /** Items of a table as a power of two. */
    static final int ITEMS_LG2 = 9;
    /** Items of a table. */
    static final int COUNT = 1 << ITEMS_LG2;

    private final World world;
    private final int level;
    private final long instance;
    private final LongArrayCell leaves;
    private final RefArrayCell<MockTable> below;

    /** An empty table; {@code level} 0 is the lowest. */
    MockTable(World world, int level) {
        this.world = world;
        this.level = level;
        instance = world.nextInstance();
        leaves = new LongArrayCell(world, ITEMS, instance, COUNT);
        below = new RefArrayCell<>(world, ITEMS, world.nextInstance(), level == 0 ? 0 : COUNT);
    }

    int level() {
        return level;
    }

    /** Bytes of addresses that one item stands for, as a power of two. */
    int itemLg2() {
        return itemLg2(level);
    }

    static int itemLg2(int level) {
        return MockPageTable.GRANULE_LG2 + ITEMS_LG2 * level;
    }

    int index(long iova) {
        return (int) (iova >>> itemLg2()) & COUNT - 1;
    }

    /** The leaf at an item; 0 if there is none. */
    long leaf(int index) {
        return leaves.get(index);
    }

    /** Writes a leaf, or 0, to {@code count} items. */
    void leaf(int index, int count, long leaf) {
        for (int i = index; i < index + count; i++) {
            leaves.set(i, leaf);
        }
    }

    /** The table that an item leads to, or {@code null}. */
    @Nullable
    MockTable below(int index) {
        return level == 0 ? null : below.get(index);
    }

    /** The table that an item leads to, made if there is none. */
    MockTable makeBelow(int index) {
        MockTable there = below.get(index);
        if (there == null) {
            there = new MockTable(world, level - 1);
            below.set(index, there);
        }
        return there;
    }

    /** Gives the tables below {@code count} items back; they are empty. */
    void dropBelow(int index, int count) {
        for (int i = index; level > 0 && i < index + count; i++) {
            if (below.get(i) != null) {
                below.set(i, null);
            }
        }
    }

    /** True without a leaf in these items or below them. */
    boolean empty(int index, int count) {
        for (int i = index; i < index + count; i++) {
            MockTable table = below(i);
            if (leaves.get(i) != 0 || table != null && !table.empty(0, COUNT)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public long stableId() {
        return instance;
    }
}
