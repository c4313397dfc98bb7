package org.iommusim.hw.queue;

/**
 * Arithmetic of ring indices with a wrap bit: for a queue of 2^n entries, bits n-1..0 are the index and bit n is the wrap
 * bit. Empty: both indices are equal. Full: the indices are equal but the wrap bits differ.
 */
public final class RingIndex {
    private RingIndex() {}

    /** True if the consumer has caught up. */
    public static boolean empty(int producer, int consumer, int log2Size) {
        return ((producer ^ consumer) & mask(log2Size)) == 0;
    }

    /** True if the producer is a whole round ahead. */
    public static boolean full(int producer, int consumer, int log2Size) {
        return ((producer ^ consumer) & mask(log2Size)) == 1 << log2Size;
    }

    /** Number of entries between consumer and producer. */
    public static int used(int producer, int consumer, int log2Size) {
        return producer - consumer & mask(log2Size);
    }

    /** The next index; the wrap bit flips at the end. Bits above the wrap bit are dropped. */
    public static int next(int index, int log2Size) {
        return index + 1 & mask(log2Size);
    }

    /** The entry's number, without the wrap bit. */
    public static int entry(int index, int log2Size) {
        return index & (1 << log2Size) - 1;
    }

    private static int mask(int log2Size) {
        return (1 << log2Size + 1) - 1;
    }
}
