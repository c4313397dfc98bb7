package org.iommusim.sim.world;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An array of references of a {@link World}; values as in {@link RefCell}.
 *
 * @param <T> type of the elements
 */
public final class RefArrayCell<T> extends Cell {
    private @Nullable Object[] values;

    /** Makes an array of {@code null}; parameters as in {@link Cell}. */
    public RefArrayCell(World world, Variable variable, long instance, int length) {
        super(world, variable, instance);
        values = new Object[length];
    }

    /** Number of elements. */
    public int length() {
        return values.length;
    }

    /** Makes the array longer; new elements are {@code null}. Not undone. */
    public void grow(int length) {
        if (length > values.length) {
            values = Arrays.copyOf(values, length);
        }
    }

    /** An element or {@code null}; the read is recorded. */
    @SuppressWarnings("unchecked") // only values that set() took are in there
    public @Nullable T get(int index) {
        if (watched()) {
            noteRead(index);
        }
        return (T) values[index];
    }

    /** Writes an element; journaled and recorded. */
    public void set(int index, @Nullable T newValue) {
        if (watched()) {
            noteReferenceWrite(index, values[index], newValue);
        }
        values[index] = newValue;
    }

    @Override
    protected long bitsAt(long index) {
        return World.stableHash(values[(int) index]);
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        values[(int) index] = reference;
    }
}
