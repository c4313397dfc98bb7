package org.iommusim.sim.event;

/**
 * A monotone priority queue of event numbers.
 *
 * <p>An event is a small non-negative number, a slot in tables that the caller owns; the queue knows nothing else about
 * it. A key is whatever the caller orders by, usually picoseconds with a phase in the low bits; it lies in
 * {@code 0 .. 2^62}. <em>Monotone</em> means that no key may be added that is smaller than the key polled last: time does
 * not run backwards.
 *
 * <p>The order of polls is a function of the calls alone: by key, and among equal keys by the queue's {@link TieOrder}.
 * Looking ({@link #peekKey}, {@link #contains}, {@link #size}) never changes that order. A call that is refused leaves
 * the queue as it was.
 *
 * <p>Not thread-safe: one simulation owns one queue.
 */
public interface EventQueue {

    /** What {@link #poll} answers when nothing is pending. */
    int NONE = -1;

    /**
     * Adds an event.
     *
     * @param event the event's number; small, because implementations keep tables as long as the largest number seen
     * @param key its ordering key, at least {@link #lastKey}
     * @throws IllegalArgumentException if the event's number is negative, or the key is smaller than {@link #lastKey} or
     *     {@link Long#MAX_VALUE} (which {@link #peekKey} keeps for "empty")
     * @throws IllegalStateException if the event is already pending
     */
    void add(int event, long key);

    /**
     * Removes the event with the smallest key; among equal keys the {@link TieOrder} decides. Its key becomes
     * {@link #lastKey}.
     *
     * @return the event's number, or {@link #NONE} if nothing is pending
     */
    int poll();

    /**
     * The key of the event that {@link #poll} would return. An event may still be added before it, down to
     * {@link #lastKey}.
     *
     * @return that key, or {@link Long#MAX_VALUE} if nothing is pending
     */
    long peekKey();

    /**
     * The key of the event that was polled last, 0 before the first poll. Cancelling does not change it.
     *
     * @return the smallest key that may still be added
     */
    long lastKey();

    /**
     * Takes out a pending event (cancels it); the order of the others stays.
     *
     * @param event the event's number
     * @throws IllegalStateException if the event is not pending
     */
    void remove(int event);

    /**
     * Whether an event is pending.
     *
     * @param event any number; one that was never added, or is negative, is simply not pending
     * @return true from {@link #add} until {@link #poll} returns the event or {@link #remove} takes it out
     */
    boolean contains(int event);

    /**
     * How many events are pending.
     *
     * @return the number of pending events
     */
    int size();
}
