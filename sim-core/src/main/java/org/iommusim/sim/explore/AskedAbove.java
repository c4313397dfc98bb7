package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * What a worker has asked for above its part of the tree, by depth: asking twice would change nothing, and takes a lock.
 */
final class AskedAbove {
    private long[][] sets = new long[0][];
    private int[] counts = new int[0];

    /** Forgets what was asked for at the depths from {@code first} to {@code last}. */
    void forget(int first, int last) {
        if (last >= counts.length) {
            int known = counts.length;
            counts = Arrays.copyOf(counts, 2 * last + 1);
            sets = Arrays.copyOf(sets, counts.length);
            Arrays.fill(sets, known, sets.length, new long[0]);
        }
        Arrays.fill(counts, first, last + 1, 0);
    }

    /**
     * Notes that one of some lanes is asked for at a depth.
     *
     * @return false if that follows from what was noted before: it was asked for one of some of these
     */
    boolean isNew(int depth, long anyOf) {
        long[] known = sets[depth];
        int count = counts[depth];
        for (int i = 0; i < count; i++) {
            if ((known[i] & ~anyOf) == 0) {
                return false;
            }
        }
        if (count == known.length) {
            known = Arrays.copyOf(known, 2 * count + 4);
            sets[depth] = known;
        }
        known[count] = anyOf;
        counts[depth]++;
        return true;
    }
}
