package org.iommusim.sim.event;

import java.util.Arrays;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * An event queue on {@link PriorityQueue}: slow, allocating, and simple enough to be right at a glance. It is the oracle
 * that {@link RadixEventQueue} is compared with, and may stand in for it in any simulation.
 */
public final class HeapEventQueue implements EventQueue {

    /** @param rank the insertion sequence, counted down for LIFO */
    private record Entry(int event, long key, long rank) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            int byKey = Long.compare(key, other.key);
            return byKey != 0 ? byKey : Long.compare(rank, other.rank);
        }
    }

    private final int rankStep;
    private final PriorityQueue<Entry> heap = new PriorityQueue<>();
    private @Nullable Entry[] pending;
    private long rank;
    private long lastKey;

    /**
     * Makes an empty queue.
     *
     * @param order which of several events with equal keys leaves first
     * @param initialCapacity how many event numbers to make room for at once; at least 0
     */
    public HeapEventQueue(TieOrder order, int initialCapacity) {
        if (initialCapacity < 0) {
            throw new IllegalArgumentException("initial capacity " + initialCapacity + " is negative");
        }
        rankStep = order == TieOrder.FIFO ? 1 : -1;
        pending = new @Nullable Entry[initialCapacity];
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
        if (contains(event)) {
            throw new IllegalStateException("event " + event + " is already pending");
        }
        if (event >= pending.length) {
            pending = Arrays.copyOf(pending, Math.max(event + 1, 2 * pending.length));
        }
        rank += rankStep;
        Entry entry = new Entry(event, key, rank);
        pending[event] = entry;
        heap.add(entry);
    }

    @Override
    public int poll() {
        Entry entry = heap.poll();
        if (entry == null) {
            return NONE;
        }
        pending[entry.event] = null;
        lastKey = entry.key;
        return entry.event;
    }

    @Override
    public long peekKey() {
        Entry entry = heap.peek();
        return entry == null ? Long.MAX_VALUE : entry.key;
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
        heap.remove(pending[event]);
        pending[event] = null;
    }

    @Override
    public boolean contains(int event) {
        return event >= 0 && event < pending.length && pending[event] != null;
    }

    @Override
    public int size() {
        return heap.size();
    }
}
