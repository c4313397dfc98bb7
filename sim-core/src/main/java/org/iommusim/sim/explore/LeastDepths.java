package org.iommusim.sim.explore;

/** The least depth at which each state was reached: 128-bit keys, open addressing; for one thread. */
final class LeastDepths {
    private static final int FIRST_ENTRIES = 1 << 10;
    private static final int BYTES_PER_ENTRY = 20;

    private final MemoryBudget memory;
    private long[] words = new long[2 * FIRST_ENTRIES];
    /** Depth plus one; 0 where there is no entry. */
    private int[] depths = new int[FIRST_ENTRIES];

    private int mask = FIRST_ENTRIES - 1;
    private int used;

    LeastDepths(long maxBytes) {
        memory = new MemoryBudget(maxBytes);
        memory.take(BYTES_PER_ENTRY * (long) FIRST_ENTRIES);
    }

    int size() {
        return used;
    }

    /** The depth of a key, or {@link Integer#MAX_VALUE} if it has none. */
    int get(long high, long low) {
        int depth = depths[find(high, low)];
        return depth == 0 ? Integer.MAX_VALUE : depth - 1;
    }

    /**
     * Sets the depth of a key.
     *
     * @return false if there is no memory for it
     */
    boolean put(long high, long low, int depth) {
        int slot = find(high, low);
        if (depths[slot] == 0) {
            if (used >= (mask + 1 >>> 3) * 5) {
                return grow() && put(high, low, depth);
            }
            used++;
            words[2 * slot] = high;
            words[2 * slot + 1] = low;
        }
        depths[slot] = depth + 1;
        return true;
    }

    private int find(long high, long low) {
        int slot = (int) (high ^ low >>> 32) & mask;
        while (depths[slot] != 0 && (words[2 * slot] != high || words[2 * slot + 1] != low)) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private boolean grow() {
        if (words.length > Integer.MAX_VALUE / 4 || !memory.take(BYTES_PER_ENTRY * (long) depths.length)) {
            return false;
        }
        long[] oldWords = words;
        int[] oldDepths = depths;
        words = new long[2 * oldWords.length];
        depths = new int[2 * oldDepths.length];
        mask = 2 * mask + 1;
        for (int i = 0; i < oldDepths.length; i++) {
            if (oldDepths[i] != 0) {
                int slot = find(oldWords[2 * i], oldWords[2 * i + 1]);
                words[2 * slot] = oldWords[2 * i];
                words[2 * slot + 1] = oldWords[2 * i + 1];
                depths[slot] = oldDepths[i];
            }
        }
        return true;
    }
}
