package org.iommusim.sim.world;

import org.jspecify.annotations.Nullable;

/** One {@code int} of a {@link World}. */
public final class IntCell extends Cell {
    private int value;

    /** Makes a cell with a first value; parameters as in {@link Cell}. */
    public IntCell(World world, Variable variable, long instance, int initial) {
        super(world, variable, instance);
        if (initial != 0) {
            set(initial);
        }
    }

    /** The value; the read is recorded. */
    public int get() {
        if (watched()) {
            noteRead(0);
        }
        return value;
    }

    /** Writes the value; journaled and recorded. */
    public void set(int newValue) {
        if (watched()) {
            noteWrite(0, value, newValue);
        }
        value = newValue;
    }

    /** Adds to the value and returns the sum: one atomic read-modify-write. */
    public int add(int delta) {
        int sum = get() + delta;
        set(sum);
        return sum;
    }

    @Override
    protected long bitsAt(long index) {
        return value;
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        value = (int) bits;
    }
}
