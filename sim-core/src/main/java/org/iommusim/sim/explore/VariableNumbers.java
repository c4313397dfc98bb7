package org.iommusim.sim.explore;

import java.util.Arrays;
import org.iommusim.sim.world.Mix;

/** Small numbers for the keys of shared variables, in the order in which they were seen; an open hash table. */
final class VariableNumbers {
    private static final int FIRST_SIZE = 64;

    private long[] keys = new long[FIRST_SIZE];
    /** The number plus 1; 0 where the place is free. */
    private int[] numbers = new int[FIRST_SIZE];

    private int count;

    /** How many keys have a number. */
    int count() {
        return count;
    }

    /** The number of a key, a new one if it has none yet. */
    int number(long key) {
        int mask = keys.length - 1;
        int place = (int) Mix.mix(key) & mask;
        while (numbers[place] != 0) {
            if (keys[place] == key) {
                return numbers[place] - 1;
            }
            place = (place + 1) & mask;
        }
        keys[place] = key;
        numbers[place] = ++count;
        if (2 * count > keys.length) {
            grow();
        }
        return count - 1;
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldNumbers = numbers;
        keys = new long[2 * oldKeys.length];
        numbers = new int[keys.length];
        int mask = keys.length - 1;
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldNumbers[i] != 0) {
                int place = (int) Mix.mix(oldKeys[i]) & mask;
                while (numbers[place] != 0) {
                    place = (place + 1) & mask;
                }
                keys[place] = oldKeys[i];
                numbers[place] = oldNumbers[i];
            }
        }
    }

    @Override
    public String toString() {
        return count + " variables " + Arrays.toString(keys);
    }
}
