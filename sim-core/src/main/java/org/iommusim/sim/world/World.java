package org.iommusim.sim.world;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** All cells of one simulation, their undo log, their hash and their observer. See the package page. */
public final class World {
    private static final int FIRST_CAPACITY = 1 << 10;

    private boolean journaling;
    private @Nullable FootprintRecorder recorder;
    private boolean watched;

    private Cell[] cells = new Cell[0];
    private long[] indexes = new long[0];
    private long[] bits = new long[0];
    private @Nullable Object[] references = new Object[0];
    private int logSize;
    private final Instances instances = new Instances(this);
    private final StateHash hash = new StateHash(this);
    private int lane = -1;

    /** Turns journaling on: from now on writes can be undone and are hashed. It stays on. */
    public void startJournaling() {
        if (!journaling) {
            journaling = true;
            watched = true;
            cells = new Cell[FIRST_CAPACITY];
            indexes = new long[FIRST_CAPACITY];
            bits = new long[FIRST_CAPACITY];
            references = new Object[FIRST_CAPACITY];
        }
    }

    /** True if writes are journaled. */
    public boolean journaling() {
        return journaling;
    }

    /** Attaches the one recorder of reads and writes, or detaches it with {@code null}. */
    public void record(@Nullable FootprintRecorder newRecorder) {
        recorder = newRecorder;
        watched = journaling || newRecorder != null;
    }

    /**
     * A number for a new instance of something in this world: 1, 2, 3, ... in the order of creation; in an exploration the
     * next one of the lane that runs.
     */
    public long nextInstance() {
        return instances.next();
    }

    /** As {@link #nextInstance} for something that lives no longer than the call that the lane is in. */
    public long nextScratch() {
        return instances.nextScratch();
    }

    /**
     * An exploration runs an event of this lane next: new instances are numbered lane by lane from now on, whatever the
     * order in which lanes run.
     *
     * @param index of the lane; -1 for none
     */
    public void enterLane(int index) {
        lane = index;
        instances.lane(index);
    }

    /** The present lane's call is over: its scratch cells leave the hash, and their numbers are given again. */
    public void retireScratch() {
        if (lane >= 0) {
            hash.retire(lane);
            instances.retireScratch();
        }
    }

    /** The present position in the undo log. */
    public int mark() {
        return logSize;
    }

    /**
     * Undoes every write since {@code mark}, newest first; the hash goes back as well.
     *
     * @throws IllegalArgumentException if the mark lies in the future
     */
    public void undoTo(int mark) {
        if (mark < 0 || mark > logSize) {
            throw new IllegalArgumentException("no mark " + mark + " in a log of " + logSize);
        }
        while (logSize > mark) {
            undoOne();
        }
    }

    private void undoOne() {
        logSize--;
        Cell cell = cells[logSize];
        long index = indexes[logSize];
        long current = cell.bitsAt(index);
        cell.restore(index, bits[logSize], references[logSize]);
        hash.change(cell, index, current, cell.bitsAt(index));
        references[logSize] = null;
    }

    /** Hash of all hashed cells, relative to the moment when journaling began. */
    public long hash() {
        return hash.high();
    }

    /** A second, independent hash of the same cells: with {@link #hash} a fingerprint of 128 bits. */
    public long secondHash() {
        return hash.low();
    }

    /** True if reads and writes must be told to the world at all; the one branch that a plain run pays. */
    boolean watched() {
        return watched;
    }

    void noteRead(Cell cell, long index) {
        if (recorder != null) {
            recorder.read(cell, index);
        }
    }

    void noteWrite(Cell cell, long index, long oldBits, long newBits) {
        if (recorder != null) {
            recorder.written(cell, index);
        }
        if (journaling) {
            log(cell, index, oldBits, null);
            hash.change(cell, index, oldBits, newBits);
        }
    }

    void noteWrite(Cell cell, long index, @Nullable Object oldReference, @Nullable Object newReference) {
        if (recorder != null) {
            recorder.written(cell, index);
        }
        if (journaling) {
            log(cell, index, 0, oldReference);
            if (cell.key() != 0) {
                hash.change(cell, index, stableHash(oldReference), stableHash(newReference));
            }
        }
    }

    private void log(Cell cell, long index, long oldBits, @Nullable Object oldReference) {
        if (logSize == cells.length) {
            int capacity = cells.length * 2;
            cells = Arrays.copyOf(cells, capacity);
            indexes = Arrays.copyOf(indexes, capacity);
            bits = Arrays.copyOf(bits, capacity);
            references = Arrays.copyOf(references, capacity);
        }
        cells[logSize] = cell;
        indexes[logSize] = index;
        bits[logSize] = oldBits;
        references[logSize] = oldReference;
        logSize++;
    }

    /** A value for the hash that is the same in every run; 0 for {@code null}. */
    public static long stableHash(@Nullable Object reference) {
        if (reference == null) {
            return 0;
        }
        if (reference instanceof Identified identified) {
            return identified.stableId();
        }
        if (reference instanceof Number number) {
            return Mix.mix(number.longValue()) | 1;
        }
        if (reference instanceof String text) {
            return Mix.mix(text.hashCode()) | 1;
        }
        if (reference instanceof Enum<?> constant) {
            return Mix.mix(constant.name().hashCode()) | 1;
        }
        if (reference instanceof Boolean flag) {
            return flag ? 3 : 1;
        }
        // Anything else carries no identity of its own; its owner's other cells must tell states apart.
        return 1;
    }
}
