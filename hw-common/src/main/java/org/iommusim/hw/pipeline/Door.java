package org.iommusim.hw.pipeline;

import org.jspecify.annotations.Nullable;

/**
 * A front end's slots and write buffer. A transaction enters if there is a slot and, for a write, room for
 * its data; otherwise it waits, and so does everything behind it.
 */
public final class Door<F extends Transaction> {
    private int slots;
    private int beats;
    private final int mostBeats;
    private final boolean leaks;
    private @Nullable Transaction head;
    private @Nullable Transaction tail;

    /**
     * Makes an empty door.
     *
     * @param leaks whether a write that fails keeps its beats for ever, which is what gem5 does
     */
    public Door(int slots, int beats, boolean leaks) {
        this.slots = slots;
        this.beats = beats;
        mostBeats = beats;
        this.leaks = leaks;
    }

    /** Admits a transaction now (true), or queues it. */
    public boolean enter(F transaction) {
        if (head == null && admit(transaction)) {
            return true;
        }
        transaction.doorNext = null;
        if (tail == null) {
            head = transaction;
        } else {
            tail.doorNext = transaction;
        }
        tail = transaction;
        return false;
    }

    /** True if a transaction with so many beats of data of its own would be admitted now. */
    public boolean hasRoom(int dataBeats) {
        return head == null && slots != 0 && beats >= Math.min(dataBeats, mostBeats);
    }

    /** True if there is a slot. */
    public boolean hasSlot() {
        return slots > 0;
    }

    /** Takes a slot for a transaction of the front end's own; there must be one. */
    public void takeSlot() {
        slots--;
    }

    /** Gives back what a transaction took. */
    public void leave(F transaction) {
        slots++;
        if (!leaks || !transaction.failed()) {
            beats += held(transaction);
        }
    }

    /** The next waiting transaction, admitted; {@code null} if nobody waits or there is no room. */
    @SuppressWarnings("unchecked") // only enter puts something in
    public @Nullable F admitNext() {
        Transaction first = head;
        if (first == null || !admit(first)) {
            return null;
        }
        head = first.doorNext;
        first.doorNext = null;
        if (head == null) {
            tail = null;
        }
        return (F) first;
    }

    private boolean admit(Transaction transaction) {
        int needed = held(transaction);
        if (slots == 0 || beats < needed) {
            return false;
        }
        slots--;
        beats -= needed;
        return true;
    }

    /** A write larger than the whole buffer takes all of it. */
    private int held(Transaction transaction) {
        return transaction.carriesData() ? Math.min(transaction.beats, mostBeats) : 0;
    }
}
