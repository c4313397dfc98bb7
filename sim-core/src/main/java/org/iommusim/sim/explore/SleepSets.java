package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * The lanes that need not run at each depth of a schedule because every schedule that goes on with them was explored from
 * an earlier node: their pending transitions, with what they touch. A transition sleeps until one runs that depends on it.
 */
final class SleepSets {
    private static final int STRIDE = LaneNumbers.MOST;

    /** Sets of lanes by depth, and for each lane in them the number of its transition. */
    private long[] asleep = new long[64];

    private int[] transitions = new int[64 * STRIDE];
    /** How many transitions were known when each depth was opened. */
    private int[] floor = new int[64];

    /** For each sleeping transition what it touches, as in {@link AccessHistory}. */
    private long[] readSets = new long[64];

    private long[] writeSets = new long[64];
    private int[] begins = new int[65];
    private int count;
    private int[] items = new int[256];

    /** The lanes that sleep at a depth. */
    long asleep(int depth) {
        return asleep[depth];
    }

    /** Opens depth 0 with nobody asleep. */
    void open() {
        asleep[0] = 0;
        floor[0] = 0;
        count = 0;
    }

    /** Puts the transition of a lane to sleep that was explored at this depth, the deepest: event {@code depth}. */
    void add(int depth, int lane, AccessHistory history) {
        if (count + 1 >= begins.length) {
            begins = Arrays.copyOf(begins, 2 * begins.length);
            readSets = Arrays.copyOf(readSets, begins.length);
            writeSets = Arrays.copyOf(writeSets, begins.length);
        }
        int length = history.items(depth);
        int begin = begins[count];
        if (begin + length > items.length) {
            items = Arrays.copyOf(items, 2 * (begin + length));
        }
        for (int i = 0; i < length; i++) {
            items[begin + i] = history.item(depth, i);
        }
        readSets[count] = history.readSet(depth);
        writeSets[count] = history.writeSet(depth);
        begins[count + 1] = begin + length;
        asleep[depth] |= 1L << lane;
        transitions[depth * STRIDE + lane] = count++;
    }

    /**
     * Opens the depth below one: those go on sleeping that are still enabled there and do not depend on the event that
     * led to it.
     *
     * @param enabled the lanes enabled below
     * @param wakesAll true if the event depends on everything
     */
    void descend(int depth, long enabled, boolean wakesAll, AccessHistory history) {
        int below = depth + 1;
        if (below == asleep.length) {
            asleep = Arrays.copyOf(asleep, 2 * below);
            floor = Arrays.copyOf(floor, 2 * below);
            transitions = Arrays.copyOf(transitions, 2 * below * STRIDE);
        }
        long still = 0;
        for (long rest = wakesAll ? 0 : asleep[depth] & enabled; rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            int transition = transitions[depth * STRIDE + lane];
            if (!dependent(transition, depth, history)) {
                still |= 1L << lane;
                transitions[below * STRIDE + lane] = transition;
            }
        }
        asleep[below] = still;
        floor[below] = count;
    }

    /** Leaves a depth for the one above: what was put to sleep there is forgotten. */
    void ascend(int depth) {
        count = floor[depth];
    }

    private boolean dependent(int transition, int event, AccessHistory history) {
        long touched = history.readSet(event) | history.writeSet(event);
        boolean overlap =
                (writeSets[transition] & touched) != 0 || (readSets[transition] & history.writeSet(event)) != 0;
        return overlap && (history.variables() <= Long.SIZE || conflict(transition, event, history));
    }

    private boolean conflict(int transition, int event, AccessHistory history) {
        for (int i = begins[transition]; i < begins[transition + 1]; i++) {
            for (int j = 0; j < history.items(event); j++) {
                int other = history.item(event, j);
                if (other >> 2 == items[i] >> 2 && ((other | items[i]) & AccessHistory.WRITE) != 0) {
                    return true;
                }
            }
        }
        return false;
    }
}
