package org.iommusim.sim.event;

import java.util.Arrays;

/**
 * A radix queue: a hierarchical timing wheel of 11 levels with 64 slots each. In simulations it holds what
 * {@link NearEventQueue} does not keep itself.
 *
 * <p>A pending event lies in the bucket {@code (level, slot)} where {@code level} is the highest 6-bit digit in which its
 * key differs from {@link #lastKey}, and {@code slot} is that digit of its key. So all keys of a lower level are smaller
 * than all keys of a higher one, within a level the smaller slot holds the smaller keys, and a bucket of level 0 holds
 * exactly one key. When the smallest bucket is of a higher level, its events are dealt out again relative to the
 * smallest of them; each event moves down at most once per digit of its delay.
 *
 * <p>Equal keys always share a bucket and every list is kept in the order of insertion, also when it is dealt out. That
 * alone makes the queue stable: FIFO takes the head of a bucket of level 0, LIFO its tail. No sequence number is kept.
 *
 * <p>Cost: {@link #add}, {@link #remove} and {@link #contains} take constant time, {@link #poll} amortised constant time
 * for a given span of delays. {@link #peekKey} may walk one bucket, remembers the result, and {@link #poll} uses it; only
 * a caller that again and again cancels the smallest event and peeks pays for a walk each time. Nothing is allocated
 * unless an event number is larger than all before; 16 bytes per event number are kept.
 */
public final class RadixEventQueue implements EventQueue {

    private static final int DIGIT_BITS = 6;
    private static final int SLOTS = 1 << DIGIT_BITS;
    private static final int SLOT_MASK = SLOTS - 1;
    private static final int LEVELS = 11; // 11 digits of 6 bits hold every non-negative long
    /** Nodes below this one are the ends of the buckets' circular lists; event {@code e} is node {@code FIRST + e}. */
    private static final int FIRST = LEVELS * SLOTS;

    private static final int FREE = -1;
    private static final long UNKNOWN = -1;

    private final boolean lifo;
    /** Per level, one bit for each slot that holds an event. */
    private final long[] occupied = new long[LEVELS];
    /** One bit for each level that holds an event. */
    private int levels;

    private int[] next;
    private int[] previous;
    private long[] keys;

    private long lastKey;
    /** The smallest pending key where a look at a higher level has found it, else {@link #UNKNOWN}. */
    private long knownMinimum = UNKNOWN;

    private int size;

    /**
     * Makes an empty queue.
     *
     * @param order which of several events with equal keys leaves first
     * @param initialCapacity events numbered below this never make the queue grow; at least 0
     */
    public RadixEventQueue(TieOrder order, int initialCapacity) {
        if (initialCapacity < 0) {
            throw new IllegalArgumentException("initial capacity " + initialCapacity + " is negative");
        }
        lifo = order == TieOrder.LIFO;
        keys = new long[initialCapacity];
        next = new int[FIRST + initialCapacity];
        previous = new int[FIRST + initialCapacity];
        for (int bucket = 0; bucket < FIRST; bucket++) {
            next[bucket] = bucket;
            previous[bucket] = bucket;
        }
        Arrays.fill(next, FIRST, next.length, FREE);
    }

    @Override
    public void add(int event, long key) {
        if (event < 0) {
            throw new IllegalArgumentException("event number " + event + " is negative");
        }
        if (key < lastKey || key == Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "key " + key + " of event " + event + " is not in " + lastKey + " (polled last) .. 2^62");
        }
        if (event >= keys.length) {
            grow(event);
        }
        int node = FIRST + event;
        if (next[node] != FREE) {
            throw new IllegalStateException("event " + event + " is already pending with key " + keys[event]);
        }
        keys[event] = key;
        append(node, key);
        if (key < knownMinimum) {
            knownMinimum = key;
        }
        size++;
    }

    @Override
    public int poll() {
        if (size == 0) {
            return NONE;
        }
        int level = Integer.numberOfTrailingZeros(levels);
        int bucket = smallestBucket(level);
        if (level > 0 && next[bucket] != previous[bucket]) {
            bucket = dealOut(level, bucket);
        }
        // One key is left in the bucket: it is of level 0, or it holds a single event that needs no dealing.
        int node = lifo ? previous[bucket] : next[bucket];
        int event = node - FIRST;
        unlink(node, bucket);
        lastKey = keys[event];
        knownMinimum = UNKNOWN;
        size--;
        return event;
    }

    /**
     * Unlike a poll this must not move {@link #lastKey}, on which the place of every event depends: an event may still be
     * added before the smallest one. So it only looks.
     */
    @Override
    public long peekKey() {
        if (size == 0) {
            return Long.MAX_VALUE;
        }
        if (knownMinimum == UNKNOWN) {
            knownMinimum = smallestKey(smallestBucket(Integer.numberOfTrailingZeros(levels)));
        }
        return knownMinimum;
    }

    @Override
    public long lastKey() {
        return lastKey;
    }

    @Override
    public void remove(int event) {
        if (!contains(event)) {
            throw new IllegalStateException("event " + event + " is not pending");
        }
        long key = keys[event];
        unlink(FIRST + event, bucketOf(key));
        if (key == knownMinimum) {
            knownMinimum = UNKNOWN;
        }
        size--;
    }

    @Override
    public boolean contains(int event) {
        return event >= 0 && event < keys.length && next[FIRST + event] != FREE;
    }

    @Override
    public int size() {
        return size;
    }

    private int bucketOf(long key) {
        // With "| 1" equal keys count as differing in the lowest bit, which is level 0 as well.
        int level = (63 - Long.numberOfLeadingZeros((key ^ lastKey) | 1)) / DIGIT_BITS;
        int slot = (int) (key >>> (level * DIGIT_BITS)) & SLOT_MASK;
        return level * SLOTS + slot;
    }

    private int smallestBucket(int level) {
        return level * SLOTS + Long.numberOfTrailingZeros(occupied[level]);
    }

    private long smallestKey(int bucket) {
        int node = next[bucket];
        long smallest = keys[node - FIRST];
        if (bucket < SLOTS) {
            return smallest; // level 0: all keys of the bucket are equal
        }
        for (node = next[node]; node != bucket; node = next[node]) {
            smallest = Math.min(smallest, keys[node - FIRST]);
        }
        return smallest;
    }

    /**
     * Empties a bucket above level 0 into lower ones, after moving on to its smallest key. All lower levels are empty
     * now, and every other event keeps its place because it differs from the new key in the same digit as before.
     *
     * @return the bucket of level 0 that holds the smallest key
     */
    private int dealOut(int level, int bucket) {
        lastKey = knownMinimum != UNKNOWN ? knownMinimum : smallestKey(bucket);
        int node = next[bucket];
        next[bucket] = bucket;
        previous[bucket] = bucket;
        markEmpty(level, bucket);
        while (node != bucket) {
            int following = next[node];
            append(node, keys[node - FIRST]);
            node = following;
        }
        return (int) lastKey & SLOT_MASK;
    }

    private void append(int node, long key) {
        int bucket = bucketOf(key);
        int tail = previous[bucket];
        next[tail] = node;
        previous[node] = tail;
        next[node] = bucket;
        previous[bucket] = node;
        int level = bucket >>> DIGIT_BITS;
        occupied[level] |= 1L << bucket; // a shift takes the lowest six bits: the slot
        levels |= 1 << level;
    }

    private void unlink(int node, int bucket) {
        int before = previous[node];
        int after = next[node];
        next[before] = after;
        previous[after] = before;
        next[node] = FREE;
        if (before == after) { // only a bucket's own end is on both sides of its last event
            markEmpty(bucket >>> DIGIT_BITS, bucket);
        }
    }

    private void markEmpty(int level, int bucket) {
        occupied[level] &= ~(1L << bucket);
        if (occupied[level] == 0) {
            levels &= ~(1 << level);
        }
    }

    private void grow(int event) {
        int capacity = (int) Math.min(Integer.MAX_VALUE - FIRST - 8L, Math.max(event + 1L, 2L * keys.length));
        if (event >= capacity) {
            throw new IllegalArgumentException("event number " + event + " is too large for a queue");
        }
        int oldNodes = next.length;
        keys = Arrays.copyOf(keys, capacity);
        next = Arrays.copyOf(next, FIRST + capacity);
        previous = Arrays.copyOf(previous, FIRST + capacity);
        Arrays.fill(next, oldNodes, next.length, FREE);
    }
}
