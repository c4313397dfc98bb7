package org.iommusim.sim.world;

import org.jspecify.annotations.Nullable;

/** A piece of a {@link World}'s state: a variable of one instance. */
public abstract class Cell {
    private final World world;
    private final Variable variable;
    private final long instance;
    private final long key;

    /**
     * Makes a cell of a world.
     *
     * @param variable what kind of variable this is
     * @param instance whose it is: a number that is the same in every run (an object id, an index)
     */
    protected Cell(World world, Variable variable, long instance) {
        this.world = world;
        this.variable = variable;
        this.instance = instance;
        this.key = variable.cellKey(instance);
    }

    /** The world that this cell is part of. */
    public final World world() {
        return world;
    }

    /** What kind of variable this is. */
    public final Variable variable() {
        return variable;
    }

    /** Whose variable it is. */
    public final long instance() {
        return instance;
    }

    /** Names the cell in hashes and footprints: the same in every run; 0 if the variable is not hashed. */
    public final long key() {
        return key;
    }

    /** The present value of an element as bits for the hash, unrecorded; 0 for zero and for {@code null}. */
    protected abstract long bitsAt(long index);

    /**
     * Puts back an old value while the world is being undone; must neither journal nor record.
     *
     * @param index element or address
     * @param bits the old value of a number cell
     * @param reference the old value of a reference cell
     */
    protected abstract void restore(long index, long bits, @Nullable Object reference);

    /** True if reads and writes must be noted; the one branch that a plain run pays. */
    protected final boolean watched() {
        return world.watched();
    }

    /** Notes a read of an element; only while {@link #watched}. */
    protected final void noteRead(long index) {
        world.noteRead(this, index);
    }

    /** Notes a write of a number, before it happens; only while {@link #watched}. */
    protected final void noteWrite(long index, long oldBits, long newBits) {
        world.noteWrite(this, index, oldBits, newBits);
    }

    /** Notes a write of a reference, before it happens; only while {@link #watched}. */
    protected final void noteReferenceWrite(long index, @Nullable Object oldReference, @Nullable Object newReference) {
        world.noteWrite(this, index, oldReference, newReference);
    }

    @Override
    public String toString() {
        return variable + "#" + instance;
    }
}
