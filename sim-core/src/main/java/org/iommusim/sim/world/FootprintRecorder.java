package org.iommusim.sim.world;

/** Told of every read and write of a cell while it is attached to a {@link World}. */
public interface FootprintRecorder {
    /**
     * A cell was read.
     *
     * @param cell the cell
     * @param index element of an array cell or address of a memory word; 0 for a single cell
     */
    void read(Cell cell, long index);

    /** A cell was written; parameters as in {@link #read}. */
    void written(Cell cell, long index);
}
