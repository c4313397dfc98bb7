package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * For each depth of a schedule the lanes that are enabled there and those that are to be run there (the source set so far), in
 * the order in which they were asked for. The order depends on nothing but the tree, so that sleep sets do not either.
 */
final class SourceSets {
    private static final int STRIDE = LaneNumbers.MOST;

    private final LaneNumbers lanes;
    private long[] enabled = new long[64];
    private long[] wanted = new long[64];
    private byte[] queue = new byte[64 * STRIDE];
    private int[] queued = new int[64];
    private int[] taken = new int[64];

    SourceSets(LaneNumbers lanes) {
        this.lanes = lanes;
    }

    /** Opens a depth where nothing is asked for yet. */
    void open(int depth, long now) {
        if (depth == enabled.length) {
            enabled = Arrays.copyOf(enabled, 2 * depth);
            wanted = Arrays.copyOf(wanted, 2 * depth);
            queue = Arrays.copyOf(queue, 2 * depth * STRIDE);
            queued = Arrays.copyOf(queued, 2 * depth);
            taken = Arrays.copyOf(taken, 2 * depth);
        }
        enabled[depth] = now;
        wanted[depth] = 0;
        queued[depth] = 0;
        taken[depth] = 0;
    }

    /** The lanes that are enabled at a depth. */
    long enabled(int depth) {
        return enabled[depth];
    }

    /** The lanes that were asked for at a depth. */
    long wanted(int depth) {
        return wanted[depth];
    }

    /** Asks for a lane at a depth where it was not asked for. */
    void want(int depth, int lane) {
        wanted[depth] |= 1L << lane;
        queue[depth * STRIDE + queued[depth]++] = (byte) lane;
    }

    /** Asks for lanes, the highest first, but does not run those that are asleep. */
    void want(int depth, long set, long asleep) {
        for (long rest = set & ~(wanted[depth] | asleep); rest != 0; ) {
            int lane = lanes.highest(rest);
            want(depth, lane);
            rest &= ~(1L << lane);
        }
        wanted[depth] |= set;
    }

    /** Somebody else runs these lanes at a depth. */
    void know(int depth, long set) {
        wanted[depth] |= set;
    }

    /** True if a lane is still to be run at a depth. */
    boolean isOpen(int depth) {
        return taken[depth] < queued[depth];
    }

    /** The next lane to be run at a depth. */
    int take(int depth) {
        return queue[depth * STRIDE + taken[depth]++];
    }

    /** How many lanes were taken at a depth. */
    int taken(int depth) {
        return taken[depth];
    }

    /** How many lanes are to be run at a depth, those that were taken included. */
    int queued(int depth) {
        return queued[depth];
    }

    /** The i-th lane to be run at a depth. */
    int lane(int depth, int i) {
        return queue[depth * STRIDE + i];
    }

    /**
     * About how much is done where a schedule has come to a depth, 0 to 1: as if all alternatives at a node that are known by
     * now had the same size. Those that are found later make it smaller.
     */
    double done(int depth) {
        double share = 1;
        double done = 0;
        for (int at = 0; at < depth; at++) {
            share /= queued[at];
            done += share * (taken[at] - 1);
        }
        return done;
    }
}
