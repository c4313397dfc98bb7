package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * Small numbers for the lanes that ever had a transition, in the order in which they were seen, so that a set of lanes is
 * a {@code long}.
 */
final class LaneNumbers {
    /** Most lanes with transitions. */
    static final int MOST = Long.SIZE;

    private final int[] lanes = new int[MOST];
    private int[] numbers = new int[0];
    private int count;

    /** How many lanes have a number. */
    int count() {
        return count;
    }

    /** The lane with this number. */
    int lane(int number) {
        return lanes[number];
    }

    /**
     * The number of a lane, a new one if it has none yet.
     *
     * @throws IllegalStateException if {@value #MOST} others have one
     */
    int number(int lane) {
        int number = lane < numbers.length ? numbers[lane] : -1;
        return number >= 0 ? number : add(lane);
    }

    private int add(int lane) {
        if (count == MOST) {
            throw new IllegalStateException("more than " + MOST + " lanes have transitions: this search keeps them as"
                    + " bits of a long; the stateful search has no such limit");
        }
        int known = numbers.length;
        if (lane >= known) {
            numbers = Arrays.copyOf(numbers, 2 * lane + 16);
            Arrays.fill(numbers, known, numbers.length, -1);
        }
        lanes[count] = lane;
        numbers[lane] = count;
        return count++;
    }

    /** The set of the first {@code length} lanes of an array. */
    long set(int[] of, int length) {
        long set = 0;
        for (int i = 0; i < length; i++) {
            set |= 1L << number(of[i]);
        }
        return set;
    }
}
