package org.iommusim.sim.world;

import org.jspecify.annotations.Nullable;

/** One {@code long} of a {@link World}. */
public final class LongCell extends Cell {
    private long value;

    /** Makes a cell with a first value; parameters as in {@link Cell}. */
    public LongCell(World world, Variable variable, long instance, long initial) {
        super(world, variable, instance);
        if (initial != 0) {
            set(initial);
        }
    }

    /** The value; the read is recorded. */
    public long get() {
        if (watched()) {
            noteRead(0);
        }
        return value;
    }

    /** Writes the value; journaled and recorded. */
    public void set(long newValue) {
        if (watched()) {
            noteWrite(0, value, newValue);
        }
        value = newValue;
    }

    /** Adds to the value and returns the sum: one atomic read-modify-write. */
    public long add(long delta) {
        long sum = get() + delta;
        set(sum);
        return sum;
    }

    @Override
    protected long bitsAt(long index) {
        return value;
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        value = bits;
    }
}
