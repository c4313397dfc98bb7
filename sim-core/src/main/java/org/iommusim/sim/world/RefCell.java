package org.iommusim.sim.world;

import org.jspecify.annotations.Nullable;

/**
 * One reference of a {@link World}. What it points to should be a string, a number, an enum constant or {@link
 * Identified}; any other value weighs in the hash only as present or absent.
 *
 * @param <T> type of the value
 */
public final class RefCell<T> extends Cell {
    private @Nullable T value;

    /** Makes a cell that holds {@code null}; parameters as in {@link Cell}. */
    public RefCell(World world, Variable variable, long instance) {
        super(world, variable, instance);
    }

    /** Makes a cell with a first value. */
    public RefCell(World world, Variable variable, long instance, T initial) {
        super(world, variable, instance);
        set(initial);
    }

    /** The value or {@code null}; the read is recorded. */
    public @Nullable T get() {
        if (watched()) {
            noteRead(0);
        }
        return value;
    }

    /**
     * The value where the caller knows that there is one.
     *
     * @throws IllegalStateException if there is none: the model is wrong
     */
    public T require() {
        T present = get();
        if (present == null) {
            throw new IllegalStateException(this + " is null where it must not be");
        }
        return present;
    }

    /** Writes the value; journaled and recorded. */
    public void set(@Nullable T newValue) {
        if (watched()) {
            noteReferenceWrite(0, value, newValue);
        }
        value = newValue;
    }

    @Override
    protected long bitsAt(long index) {
        return World.stableHash(value);
    }

    @Override
    @SuppressWarnings("unchecked") // only values that set() took come back
    protected void restore(long index, long bits, @Nullable Object reference) {
        value = (T) reference;
    }
}
