package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * What one transition touched: keys of shared variables that it read or wrote, and the lanes for which it scheduled
 * something. A key names one variable of one instance; two variables may share a key, which only makes transitions look
 * dependent that are not.
 *
 * <p>Two transitions of different lanes depend on each other if both touch a variable and one of them writes it. A
 * transition also comes after the one that scheduled it; that order cannot be turned around.
 */
public final class Accesses {
    private long[] reads = new long[16];
    private int readCount;
    private long[] writes = new long[16];
    private int writeCount;
    private int[] woken = new int[4];
    private int wokenCount;

    /** Forgets everything. */
    public void clear() {
        readCount = 0;
        writeCount = 0;
        wokenCount = 0;
    }

    /** A variable was read; repeated reads and reads of what was written are dropped. */
    public void noteRead(long key) {
        if (contains(reads, readCount, key) || contains(writes, writeCount, key)) {
            return;
        }
        if (readCount == reads.length) {
            reads = Arrays.copyOf(reads, 2 * readCount);
        }
        reads[readCount++] = key;
    }

    /** A variable was written. */
    public void noteWrite(long key) {
        if (contains(writes, writeCount, key)) {
            return;
        }
        if (writeCount == writes.length) {
            writes = Arrays.copyOf(writes, 2 * writeCount);
        }
        writes[writeCount++] = key;
    }

    /** Something was scheduled for a lane other than the one that ran. */
    public void noteWake(int lane) {
        if (wokenCount == woken.length) {
            woken = Arrays.copyOf(woken, 2 * wokenCount);
        }
        woken[wokenCount++] = lane;
    }

    private static boolean contains(long[] keys, int count, long key) {
        for (int i = 0; i < count; i++) {
            if (keys[i] == key) {
                return true;
            }
        }
        return false;
    }

    /** Number of variables that were read (and perhaps written later). */
    public int reads() {
        return readCount;
    }

    /** The i-th variable that was read. */
    public long read(int i) {
        return reads[i];
    }

    /** Number of variables that were written. */
    public int writes() {
        return writeCount;
    }

    /** The i-th variable that was written. */
    public long written(int i) {
        return writes[i];
    }

    /** Number of lanes for which something was scheduled. */
    public int wakes() {
        return wokenCount;
    }

    /** The i-th lane for which something was scheduled. */
    public int woken(int i) {
        return woken[i];
    }

    /** True if nothing shared was touched and nobody else was given work. */
    public boolean isPrivate() {
        return readCount == 0 && writeCount == 0 && wokenCount == 0;
    }
}
