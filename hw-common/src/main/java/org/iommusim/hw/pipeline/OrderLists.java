package org.iommusim.hw.pipeline;

import org.jspecify.annotations.Nullable;

/** Transactions of a front end in the order of their arrival, reads and writes apart. */
public final class OrderLists<F extends Transaction> {
    private final Direction<F> reads = new Direction<>();
    private final Direction<F> writes = new Direction<>();

    /** Makes empty lists. */
    public OrderLists() {}

    /** One has arrived. */
    public void add(F transaction) {
        Direction<F> d = of(transaction);
        transaction.ordered = true;
        transaction.orderPrevious = d.last;
        transaction.orderNext = null;
        if (d.last != null) {
            d.last.orderNext = transaction;
        }
        d.last = transaction;
    }

    /** True if an older one with the same order id is still here. */
    public boolean hasOlder(F transaction) {
        int id = transaction.request().orderId();
        for (Transaction t = transaction.orderPrevious; t != null; t = t.orderPrevious) {
            if (t.request().orderId() == id) {
                return true;
            }
        }
        return false;
    }

    /** One leaves. */
    public void remove(F transaction) {
        Direction<F> d = of(transaction);
        Transaction before = transaction.orderPrevious;
        Transaction behind = transaction.orderNext;
        if (before != null) {
            before.orderNext = behind;
        }
        if (behind == null) {
            d.last = before;
        } else {
            behind.orderPrevious = before;
        }
        transaction.orderPrevious = null;
        transaction.orderNext = null;
        transaction.ordered = false;
    }

    /** Those that wait until somebody of their direction leaves. */
    public WaitingList<F> waiters(F transaction) {
        return of(transaction).waiters;
    }

    private Direction<F> of(F transaction) {
        return transaction.request().write() ? writes : reads;
    }

    private static final class Direction<F extends Transaction> {
        final WaitingList<F> waiters = new WaitingList<>();

        @Nullable
        Transaction last;
    }
}
