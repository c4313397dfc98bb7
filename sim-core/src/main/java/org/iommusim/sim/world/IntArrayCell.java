package org.iommusim.sim.world;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An array of {@code int} of a {@link World}; each element is a variable of its own in footprints and hash. */
public final class IntArrayCell extends Cell {
    private int[] values;

    /** Makes an array of zeros; parameters as in {@link Cell}. */
    public IntArrayCell(World world, Variable variable, long instance, int length) {
        super(world, variable, instance);
        values = new int[length];
    }

    /** Number of elements. */
    public int length() {
        return values.length;
    }

    /** Makes the array longer; new elements are zero. Not undone: zeros weigh nothing in the hash. */
    public void grow(int length) {
        if (length > values.length) {
            values = Arrays.copyOf(values, length);
        }
    }

    /** An element; the read is recorded. */
    public int get(int index) {
        if (watched()) {
            noteRead(index);
        }
        return values[index];
    }

    /** Writes an element; journaled and recorded. */
    public void set(int index, int newValue) {
        if (watched()) {
            noteWrite(index, values[index], newValue);
        }
        values[index] = newValue;
    }

    @Override
    protected long bitsAt(long index) {
        return values[(int) index];
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        values[(int) index] = (int) bits;
    }
}
