package org.iommusim.hw.queue;

import java.util.Arrays;

/** Entries of two words that software puts into a queue of the hardware, one behind the other. Filled once, then read only. */
public final class EntryList {
    private static final int WORDS = 2;

    private long[] words = new long[2 * WORDS];
    private int count;

    /** A list of one entry. */
    public static EntryList of(long w0, long w1) {
        return new EntryList().add(w0, w1);
    }

    /** Adds an entry. */
    public EntryList add(long w0, long w1) {
        if (WORDS * count == words.length) {
            words = Arrays.copyOf(words, 2 * words.length);
        }
        words[WORDS * count] = w0;
        words[WORDS * count + 1] = w1;
        count++;
        return this;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** First word of an entry. */
    public long word0(int entry) {
        return words[WORDS * entry];
    }

    /** Second word of an entry. */
    public long word1(int entry) {
        return words[WORDS * entry + 1];
    }

    /** Up to {@code most} entries from one on. */
    public EntryList batch(int first, int most) {
        EntryList list = new EntryList();
        for (int i = first; i < count && i < first + most; i++) {
            list.add(word0(i), word1(i));
        }
        return list;
    }
}
