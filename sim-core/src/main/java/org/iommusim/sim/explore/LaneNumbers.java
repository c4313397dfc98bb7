package org.iommusim.sim.explore;

import java.util.Arrays;

/**
 * Small numbers for the lanes that ever had a transition, in the order in which they were seen, so that a set of lanes is
 * a {@code long}. Workers that hand each other sets share a {@link LaneRegistry}; which number a lane has is then a matter of
 * luck, and no choice may depend on it.
 */
final class LaneNumbers {
    /** Most lanes with transitions. */
    static final int MOST = Long.SIZE;

    private final LaneRegistry registry;
    private final int[] lanes = new int[MOST];
    private int[] numbers = new int[0];
    private int count;

    /** Numbers of its own. */
    LaneNumbers() {
        this(new LaneRegistry());
    }

    /** The numbers of a registry. */
    LaneNumbers(LaneRegistry registry) {
        this.registry = registry;
    }

    /** More than any number that was seen here. */
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
        return number >= 0 ? number : learn(lane);
    }

    private int learn(int lane) {
        int known = numbers.length;
        if (lane >= known) {
            numbers = Arrays.copyOf(numbers, 2 * lane + 16);
            Arrays.fill(numbers, known, numbers.length, -1);
        }
        int number = registry.number(lane);
        lanes[number] = lane;
        numbers[lane] = number;
        count = Math.max(count, number + 1);
        return number;
    }

    /** The set of the first {@code length} lanes of an array. */
    long set(int[] of, int length) {
        long set = 0;
        for (int i = 0; i < length; i++) {
            set |= 1L << number(of[i]);
        }
        return set;
    }

    /** The number of the highest lane of a set that is not empty. */
    int highest(long set) {
        int best = Long.numberOfTrailingZeros(set);
        for (long rest = set & set - 1; rest != 0; rest &= rest - 1) {
            int number = Long.numberOfTrailingZeros(rest);
            best = lanes[number] > lanes[best] ? number : best;
        }
        return best;
    }

    /** The number of the lowest lane of a set that is not empty. */
    int lowest(long set) {
        int best = Long.numberOfTrailingZeros(set);
        for (long rest = set & set - 1; rest != 0; rest &= rest - 1) {
            int number = Long.numberOfTrailingZeros(rest);
            best = lanes[number] < lanes[best] ? number : best;
        }
        return best;
    }
}
