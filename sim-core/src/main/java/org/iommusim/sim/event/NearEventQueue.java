package org.iommusim.sim.event;

import java.util.Arrays;

/**
 * A short sorted table of the nearest keys, each with the list of its events, in front of a {@link RadixEventQueue} that
 * takes what lies behind them. This is the queue that simulations use.
 *
 * <p>Clocked hardware has many events and few points of time: at any moment most pending events share a handful of keys,
 * and most new ones come a few cycles ahead. So {@link #add} finds its key near the end of the table, and {@link #poll}
 * only takes an event off the last list. Where there are many keys after all, the radix queue does the work.
 *
 * <p>Every key of the table is smaller than every key of the radix queue, so equal keys always share a list, and a list is
 * in the order of insertion, also when it moves from a full table into the radix queue. That makes the queue stable.
 * Nothing is allocated unless an event number is larger than all before.
 */
public final class NearEventQueue implements EventQueue {

    private static final int KEYS = 64;
    private static final int FREE = -1;
    private static final int FAR = -2;

    private final boolean lifo;
    private final RadixEventQueue far;

    /** The table: {@link #count} keys, from the largest to the smallest. */
    private final long[] keys = new long[KEYS];

    /** The list of each key's events; behind the table's end, the lists that no key uses. */
    private final int[] lists = new int[KEYS];

    private int count;

    /**
     * Circular lists: node {@code i < KEYS} is the end of list i, event {@code e} is node {@code KEYS + e}. An event that is
     * in none is {@link #FREE}, or {@link #FAR} in the radix queue.
     */
    private int[] next;

    private int[] previous;

    /** How many events are in the lists. */
    private int size;

    private long lastKey;

    /**
     * Makes an empty queue.
     *
     * @param order which of several events with equal keys leaves first
     * @param initialCapacity events numbered below this never make the queue grow; at least 0
     */
    public NearEventQueue(TieOrder order, int initialCapacity) {
        far = new RadixEventQueue(order, initialCapacity);
        lifo = order == TieOrder.LIFO;
        next = new int[KEYS + initialCapacity];
        previous = new int[KEYS + initialCapacity];
        for (int list = 0; list < KEYS; list++) {
            lists[list] = list;
            next[list] = list;
            previous[list] = list;
        }
        Arrays.fill(next, KEYS, next.length, FREE);
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
        if (event >= next.length - KEYS) {
            grow(event);
        }
        if (contains(event)) {
            throw new IllegalStateException("event " + event + " is already pending");
        }
        int at = count - 1;
        while (at >= 0 && keys[at] < key) {
            at--;
        }
        if (at >= 0 && keys[at] == key) {
            append(lists[at], event);
        } else if (at < 0 && liesBehind(key)) {
            next[KEYS + event] = FAR;
            far.add(event, key);
        } else {
            append(newList(at + 1, key), event);
        }
    }

    /** A key larger than all of the table: does it belong into the radix queue? */
    private boolean liesBehind(long key) {
        return count == KEYS || far.size() != 0 && key >= far.peekKey();
    }

    @Override
    public int poll() {
        if (count == 0) {
            return pollFar();
        }
        int list = lists[count - 1];
        lastKey = keys[count - 1];
        int node = lifo ? previous[list] : next[list];
        unlink(node);
        if (next[list] == list) {
            count--; // and the list is behind the table's end, for the next new key
        }
        return node - KEYS;
    }

    private int pollFar() {
        int event = far.poll();
        if (event != NONE) {
            next[KEYS + event] = FREE;
            lastKey = far.lastKey();
        }
        return event;
    }

    @Override
    public long peekKey() {
        return count == 0 ? far.peekKey() : keys[count - 1];
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
        if (next[KEYS + event] == FAR) {
            next[KEYS + event] = FREE;
            far.remove(event);
            return;
        }
        int after = next[KEYS + event];
        unlink(KEYS + event);
        if (next[after] == after) { // only a list's own end is alone
            removeKey(after);
        }
    }

    @Override
    public boolean contains(int event) {
        return event >= 0 && event < next.length - KEYS && next[KEYS + event] != FREE;
    }

    @Override
    public int size() {
        return size + far.size();
    }

    /** Makes a place for a key, at the cost of the largest one if the table is full; returns its empty list. */
    private int newList(int place, long key) {
        int at = place;
        if (count == KEYS) {
            moveAway(lists[0], keys[0]);
            removeKey(lists[0]);
            at--;
        }
        int list = lists[count];
        System.arraycopy(keys, at, keys, at + 1, count - at);
        System.arraycopy(lists, at, lists, at + 1, count - at);
        keys[at] = key;
        lists[at] = list;
        count++;
        return list;
    }

    private void moveAway(int list, long key) {
        while (next[list] != list) {
            int node = next[list];
            unlink(node);
            next[node] = FAR;
            far.add(node - KEYS, key);
        }
    }

    /** Takes a key out whose list is empty; the list goes behind the table's end. */
    private void removeKey(int list) {
        int at = 0;
        while (lists[at] != list) {
            at++;
        }
        count--;
        System.arraycopy(keys, at + 1, keys, at, count - at);
        System.arraycopy(lists, at + 1, lists, at, count - at);
        lists[count] = list;
    }

    private void append(int list, int event) {
        int node = KEYS + event;
        int tail = previous[list];
        next[tail] = node;
        previous[node] = tail;
        next[node] = list;
        previous[list] = node;
        size++;
    }

    private void unlink(int node) {
        int before = previous[node];
        int after = next[node];
        next[before] = after;
        previous[after] = before;
        next[node] = FREE;
        size--;
    }

    private void grow(int event) {
        int old = next.length;
        int capacity = (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(KEYS + event + 1L, 2L * old));
        if (KEYS + event >= capacity) {
            throw new IllegalArgumentException("event number " + event + " is too large for a queue");
        }
        next = Arrays.copyOf(next, capacity);
        previous = Arrays.copyOf(previous, capacity);
        Arrays.fill(next, old, capacity, FREE);
    }
}
