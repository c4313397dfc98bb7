package org.iommusim.sim.world;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gives numbers to new instances. In a timed run they are 1, 2, 3, ... In an exploration the order in which lanes make
 * things must not show in their names, or equal states would look different: there each lane counts for itself, what it
 * makes for good apart from what lives for one call only.
 *
 * <p>A number of lane {@code n} has {@code n + 1} in the bits from {@value #LANE_SHIFT} on, below the bits that instances
 * with several cells of one variable add.
 */
final class Instances extends Cell {
    private static final int LANE_SHIFT = 24;
    private static final long SCRATCH = 1L << LANE_SHIFT - 1;
    private static final int FIRST_CAPACITY = 64;

    private long common;
    private int lane = -1;
    /** How many each lane has made: for good at index 2n, for a call at 2n + 1. */
    private int[] made = new int[2 * FIRST_CAPACITY];

    Instances(World world) {
        super(world, Variable.unhashed("instances"), 0);
    }

    /** Whose numbers are given from now on; -1 for the common ones. */
    void lane(int newLane) {
        lane = newLane;
        if (2 * newLane + 1 >= made.length) {
            made = Arrays.copyOf(made, 4 * newLane);
        }
    }

    long next() {
        return lane < 0 ? ++common : number(2 * lane);
    }

    long nextScratch() {
        return lane < 0 ? ++common : number(2 * lane + 1) + SCRATCH;
    }

    private long number(int index) {
        int count = made[index] + 1;
        if (count >= SCRATCH) {
            throw new IllegalStateException("lane " + lane + " makes too many things");
        }
        noteWrite(index, made[index], count);
        made[index] = count;
        return (lane + 1L << LANE_SHIFT) + count;
    }

    /** The present lane's call is over: the numbers of what it made for the call are free again. */
    void retireScratch() {
        int index = 2 * lane + 1;
        noteWrite(index, made[index], 0);
        made[index] = 0;
    }

    /** Lane whose number this is, plus 1; 0 for the common ones. */
    static int laneOf(long instance) {
        return (int) (instance >>> LANE_SHIFT);
    }

    @Override
    protected long bitsAt(long index) {
        return made[(int) index];
    }

    @Override
    protected void restore(long index, long bits, @Nullable Object reference) {
        made[(int) index] = (int) bits;
    }
}
