package org.iommusim.sim.explore;

/** A number for each state: 128-bit keys, open addressing; for one thread. */
final class StateNumbers {
    /** Larger than any number. */
    static final int NONE = Integer.MAX_VALUE;

    private static final int FIRST_ENTRIES = 1 << 10;
    private static final int BYTES_PER_ENTRY = 20;

    private final MemoryBudget memory;
    private long[] words = new long[2 * FIRST_ENTRIES];
    /** The number plus one; 0 where there is no entry. */
    private int[] numbers = new int[FIRST_ENTRIES];

    private int mask = FIRST_ENTRIES - 1;
    private int used;

    StateNumbers(long maxBytes) {
        memory = new MemoryBudget(maxBytes);
        memory.take(BYTES_PER_ENTRY * (long) FIRST_ENTRIES);
    }

    int size() {
        return used;
    }

    /** The number of a key, or {@link #NONE} if it has none. */
    int get(long high, long low) {
        int number = numbers[find(high, low)];
        return number == 0 ? NONE : number - 1;
    }

    /**
     * Sets the number of a key, which is not negative.
     *
     * @return false if there is no memory for it
     */
    boolean put(long high, long low, int number) {
        int slot = find(high, low);
        if (numbers[slot] == 0) {
            if (used >= (mask + 1 >>> 3) * 5) {
                return grow() && put(high, low, number);
            }
            used++;
            words[2 * slot] = high;
            words[2 * slot + 1] = low;
        }
        numbers[slot] = number + 1;
        return true;
    }

    private int find(long high, long low) {
        int slot = (int) (high ^ low >>> 32) & mask;
        while (numbers[slot] != 0 && (words[2 * slot] != high || words[2 * slot + 1] != low)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean grow() {
        if (words.length > Integer.MAX_VALUE / 4 || !memory.take(BYTES_PER_ENTRY * (long) numbers.length)) {
            return false;
        }
        long[] oldWords = words;
        int[] oldNumbers = numbers;
        words = new long[2 * oldWords.length];
        numbers = new int[2 * oldNumbers.length];
        mask = 2 * mask + 1;
        for (int i = 0; i < oldNumbers.length; i++) {
            if (oldNumbers[i] != 0) {
                int slot = find(oldWords[2 * i], oldWords[2 * i + 1]);
                words[2 * slot] = oldWords[2 * i];
                words[2 * slot + 1] = oldWords[2 * i + 1];
                numbers[slot] = oldNumbers[i];
            }
        }
        return true;
    }
}
