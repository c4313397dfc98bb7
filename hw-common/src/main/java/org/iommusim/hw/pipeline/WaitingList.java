package org.iommusim.hw.pipeline;

import org.jspecify.annotations.Nullable;

/** Transactions that wait for a signal, in order. A broadcast wakes all of them; each tests its condition again. */
public final class WaitingList<F extends Transaction> {
    private @Nullable Transaction head;
    private @Nullable Transaction tail;

    /** Makes an empty list. */
    public WaitingList() {}

    /** Puts one at the end; it is in no other such list. */
    public void add(F transaction) {
        transaction.waitNext = null;
        if (tail == null) {
            head = transaction;
        } else {
            tail.waitNext = transaction;
        }
        tail = transaction;
    }

    /** Takes the first one out, or {@code null}. */
    @SuppressWarnings("unchecked") // only add puts something in
    public @Nullable F poll() {
        Transaction first = head;
        if (first != null) {
            head = first.waitNext;
            first.waitNext = null;
            if (head == null) {
                tail = null;
            }
        }
        return (F) first;
    }

    /** True if nobody waits. */
    public boolean isEmpty() {
        return head == null;
    }
}
