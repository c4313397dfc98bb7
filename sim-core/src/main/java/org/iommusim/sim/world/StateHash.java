package org.iommusim.sim.world;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A 128-bit hash of all hashed cells: the sum over all of them of a mix of (cell key, index, value). What scratch cells add
 * is also summed up for each lane, so that it can be taken out when the lane's call is over.
 */
final class StateHash extends Cell {
    private static final long GOLDEN = 0x9e3779b97f4a7c15L;
    private static final long SECOND = 0xd1b54a32d192ed03L;

    private long high;
    private long low;
    /** Sums of the scratch cells of lane n, counted from 1: high half at 2n, low half at 2n + 1. */
    private long[] scratch = new long[128];

    StateHash(World world) {
        super(world, Variable.unhashed("scratch hash"), 0);
    }

    long high() {
        return high;
    }

    long low() {
        return low;
    }

    /** A cell's element changes from one value to another. */
    void change(Cell cell, long index, long from, long to) {
        long key = cell.key();
        if (key == 0 || from == to) {
            return;
        }
        long at = key + index * GOLDEN;
        long dHigh = (to == 0 ? 0 : Mix.mix(Mix.mix(at) ^ to)) - (from == 0 ? 0 : Mix.mix(Mix.mix(at) ^ from));
        long at2 = at ^ SECOND;
        long dLow = (to == 0 ? 0 : Mix.mix(Mix.mix(at2) + to)) - (from == 0 ? 0 : Mix.mix(Mix.mix(at2) + from));
        high += dHigh;
        low += dLow;
        if (cell.variable().isScratch()) {
            int lane = 2 * Instances.laneOf(cell.instance());
            if (lane + 1 >= scratch.length) {
                scratch = Arrays.copyOf(scratch, 2 * lane);
            }
            scratch[lane] += dHigh;
            scratch[lane + 1] += dLow;
        }
    }

    /** What the lane's scratch cells hold means nothing any more. */
    void retire(int lane) {
        int at = 2 * (lane + 1);
        if (at + 1 < scratch.length) {
            put(at, 0);
            put(at + 1, 0);
        }
    }

    private void put(int at, long sum) {
        if (scratch[at] != sum) {
            noteWrite(at, scratch[at], sum);
            set(at, sum);
        }
    }

    private void set(int at, long sum) {
        long change = sum - scratch[at];
        scratch[at] = sum;
        if ((at & 1) == 0) {
            high += change;
        } else {
            low += change;
        }
    }

    @Override
    protected long bitsAt(long index) {
        return scratch[(int) index];
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        set((int) index, bits);
    }
}
