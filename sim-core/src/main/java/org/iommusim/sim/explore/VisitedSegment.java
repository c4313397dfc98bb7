package org.iommusim.sim.explore;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * One part of a {@link VisitedTable}: the keys with the same first eight bits, open addressing with linear probing.
 *
 * <p>An entry is two words: the other 56 bits of the key's first half followed by a small value plus one (so that no
 * entry is zero), and the key's second half. All 128 bits are told apart.
 */
final class VisitedSegment {
    /** Answer: the key was not there and has been added. */
    static final int NEW = -1;

    /** Answer: the key is not there and cannot be added, because the memory is used up. */
    static final int FULL = Integer.MAX_VALUE;

    /** Largest value. */
    static final int VALUE_MAX = 254;

    private static final int FIRST_ENTRIES = 64;
    private static final int VALUE_MASK = 255;
    private static final int REST_BITS = 56;

    private final MemoryBudget memory;
    private long[] words = new long[2 * FIRST_ENTRIES];
    private int mask = FIRST_ENTRIES - 1;
    private int used;

    VisitedSegment(MemoryBudget memory) {
        this.memory = memory;
        memory.take(8L * words.length);
    }

    /** Keys in this segment. */
    int used() {
        return used;
    }

    /** The same as {@link #offer} for several threads. */
    synchronized int offerShared(long high, long low, int value) {
        return offer(high, low, value);
    }

    /**
     * Adds a key, or raises its value.
     *
     * @param value 0 to {@link #VALUE_MAX}
     * @return {@link #NEW}, {@link #FULL}, or the value that was there, which is raised if it was lower
     */
    int offer(long high, long low, int value) {
        long rest = high << 64 - REST_BITS;
        int slot = slot(high, low);
        while (true) {
            long first = words[2 * slot];
            if (first == 0) {
                return add(slot, rest, low, value);
            }
            if (words[2 * slot + 1] == low && ((first ^ rest) & ~VALUE_MASK) == 0) {
                int old = (int) first & VALUE_MASK;
                if (old <= value) {
                    words[2 * slot] = rest | (value + 1);
                }
                return old - 1;
            }
            slot = (slot + 1) & mask;
        }
    }

    private int slot(long high, long low) {
        return (int) (high ^ low >>> 32) & mask;
    }

    private int add(int slot, long rest, long low, int value) {
        // Five eighths full: longer runs cost more than the memory is worth.
        if (used >= (mask + 1 >>> 3) * 5) {
            if (!grow()) {
                return FULL;
            }
            return offer(rest >>> 64 - REST_BITS, low, value);
        }
        words[2 * slot] = rest | (value + 1);
        words[2 * slot + 1] = low;
        used++;
        return NEW;
    }

    /** Writes all entries: their number, then both words of each. */
    void save(DataOutputStream out) throws IOException {
        out.writeInt(used);
        for (int i = 0; i < words.length; i += 2) {
            if (words[i] != 0) {
                out.writeLong(words[i]);
                out.writeLong(words[i + 1]);
            }
        }
    }

    /**
     * Adds the entries that {@link #save} wrote.
     *
     * @return false if there is no memory for them
     */
    boolean load(DataInputStream in) throws IOException {
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            long first = in.readLong();
            if (offer(first >>> 64 - REST_BITS, in.readLong(), (int) (first & VALUE_MASK) - 1) == FULL) {
                return false;
            }
        }
        return true;
    }

    private boolean grow() {
        long more = 8L * words.length;
        if (words.length > Integer.MAX_VALUE / 4 || !memory.take(more)) {
            return false;
        }
        long[] old = words;
        words = new long[2 * old.length];
        mask = 2 * mask + 1;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0) {
                int slot = slot(old[i] >>> 64 - REST_BITS, old[i + 1]);
                while (words[2 * slot] != 0) {
                    slot = (slot + 1) & mask;
                }
                words[2 * slot] = old[i];
                words[2 * slot + 1] = old[i + 1];
            }
        }
        return true;
    }
}
