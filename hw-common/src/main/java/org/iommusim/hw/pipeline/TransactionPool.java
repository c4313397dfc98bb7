package org.iommusim.hw.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.iommusim.sim.resource.FreeNumbers;

/**
 * All transactions of a device, and which of them still use something that was invalidated. An invalidation is complete
 * when none is left that it has to wait for.
 */
public final class TransactionPool<F extends Transaction> {
    private final IntFunction<F> maker;
    private final Runnable drained;
    private final List<F> all = new ArrayList<>();
    private final FreeNumbers idle = new FreeNumbers();

    private int awaited;
    private int invalidations;

    /**
     * Makes an empty pool.
     *
     * @param maker makes one with this id
     * @param drained told when one that was waited for is gone
     */
    public TransactionPool(IntFunction<F> maker, Runnable drained) {
        this.maker = maker;
        this.drained = drained;
    }

    /** One that is idle; its user begins it. */
    public F take() {
        if (idle.isEmpty()) {
            make();
        }
        return all.get(idle.take());
    }

    /** Makes room for so many at a time: until there are more, none is made when it is needed. */
    public void prepare(int count) {
        while (all.size() < count) {
            make();
        }
    }

    private void make() {
        F made = maker.apply(all.size());
        all.add(made);
        idle.grow(made.id, all.size());
    }

    /** One by its id. */
    public F get(int id) {
        return all.get(id);
    }

    /** Shows those that are under way, in the order of their ids. */
    public void forEachUnderWay(Consumer<F> action) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).inUse) {
                action.accept(all.get(i));
            }
        }
    }

    /** One that is under way ends. */
    public void release(F transaction) {
        boolean was = transaction.awaited;
        transaction.end();
        idle.release(transaction.id);
        gone(was);
    }

    /** One uses nothing any more that could be invalidated. */
    public void letGo(F transaction) {
        boolean was = transaction.awaited;
        transaction.stale = false;
        transaction.awaited = false;
        gone(was);
    }

    private void gone(boolean wasAwaited) {
        if (wasAwaited) {
            awaited--;
            restart();
            drained.run();
        }
    }

    /**
     * An invalidation takes effect: whoever it hits fills no cache any more.
     *
     * @param hits who is hit
     * @param waits for whom of those the invalidation has to wait
     */
    public void invalidate(Predicate<F> hits, Predicate<F> waits) {
        for (int i = 0; i < all.size(); i++) {
            F transaction = all.get(i);
            if (!transaction.inUse || !hits.test(transaction)) {
                continue;
            }
            transaction.stale = true;
            transaction.walk().forbidRefill();
            if (!transaction.awaited && waits.test(transaction)) {
                transaction.awaited = true;
                transaction.awaitedBy = invalidations;
                awaited++;
            }
        }
        invalidations++;
        restart();
    }

    /** As long as nobody is waited for, it does not matter how many invalidations there were. */
    private void restart() {
        if (awaited == 0) {
            invalidations = 0;
        }
    }

    /** How many invalidations have taken effect since one had to be waited for; 0 if none has. */
    public int invalidations() {
        return invalidations;
    }

    /**
     * True while a transaction is under way for which one of the first so many invalidations has to wait. Once it is false
     * it must not be asked for this number again: the count may have begun anew.
     */
    public boolean awaited(int first) {
        for (int i = 0; i < all.size() && awaited > 0; i++) {
            if (all.get(i).awaited && all.get(i).awaitedBy < first) {
                return true;
            }
        }
        return false;
    }

    /** How many transactions are waited for. */
    public int awaited() {
        return awaited;
    }
}
