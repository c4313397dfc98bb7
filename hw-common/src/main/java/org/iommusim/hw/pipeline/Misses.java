package org.iommusim.hw.pipeline;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** A front end's misses under way, and those that wait because an older miss is of the same 4 KiB page. */
public final class Misses<F extends Transaction> {
    /** Waiting until somebody leaves. */
    public final WaitingList<F> waiters = new WaitingList<>();

    private final BiPredicate<F, F> sameSpace;
    private @Nullable Transaction first;
    private @Nullable Transaction last;

    /**
     * Makes an empty list.
     *
     * @param sameSpace which misses of the same address are in each other's way
     */
    public Misses(BiPredicate<F, F> sameSpace) {
        this.sameSpace = sameSpace;
    }

    /** True if a miss of the transaction's page is under way. */
    @SuppressWarnings("unchecked") // only add puts something in
    public boolean hazard(F transaction) {
        for (Transaction other = first; other != null; other = other.missNext) {
            if (other.iova >>> 12 == transaction.iova >>> 12 && sameSpace.test(transaction, (F) other)) {
                return true;
            }
        }
        return false;
    }

    /** One begins. */
    public void add(F transaction) {
        transaction.missPrevious = last;
        transaction.missNext = null;
        if (last == null) {
            first = transaction;
        } else {
            last.missNext = transaction;
        }
        last = transaction;
    }

    /** One is through. */
    public void remove(F transaction) {
        Transaction before = transaction.missPrevious;
        Transaction behind = transaction.missNext;
        if (before == null) {
            first = behind;
        } else {
            before.missNext = behind;
        }
        if (behind == null) {
            last = before;
        } else {
            behind.missPrevious = before;
        }
        transaction.missPrevious = null;
        transaction.missNext = null;
    }
}
