package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.random.RandomStream;

/**
 * Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte, "A randomized scheduler with probabilistic
 * guarantees of finding bugs", ASPLOS 2010): each lane has a random priority, the highest that is enabled runs, and at
 * {@code d - 1} random places the lane that runs falls below all others. A bug that needs {@code d} orderings is found with
 * probability at least {@code 1 / (n k^(d-1))}, n lanes and k transitions.
 */
final class PctPicker implements SchedulePicker {
    private final RandomStream random;
    private final int[] changes;
    private long[] priorities = new long[0];

    /** Makes a picker for bugs of this depth, at least 1. */
    PctPicker(RandomStream random, int depth) {
        this.random = random;
        changes = new int[depth - 1];
    }

    @Override
    public void begin(int longest) {
        Arrays.fill(priorities, 0);
        for (int i = 0; i < changes.length; i++) {
            changes[i] = random.nextInt(longest);
        }
    }

    @Override
    public int pick(int[] enabled, int count, int depth) {
        int best = highest(enabled, count);
        for (int i = 0; i < changes.length; i++) {
            if (changes[i] == depth) {
                priorities[best] = i + 1L;
                best = highest(enabled, count);
            }
        }
        return best;
    }

    private int highest(int[] enabled, int count) {
        if (enabled[count - 1] >= priorities.length) {
            priorities = Arrays.copyOf(priorities, 2 * enabled[count - 1] + 1);
        }
        int best = -1;
        for (int i = 0; i < count; i++) {
            int lane = enabled[i];
            if (priorities[lane] == 0) {
                priorities[lane] = random.nextLong() >>> 1 | 1L << 62;
            }
            if (best < 0 || priorities[lane] > priorities[best]) {
                best = lane;
            }
        }
        return best;
    }

    @Override
    public void ran(int lane, Accesses touched) {
        // priorities change at places, not by what is touched
    }
}
