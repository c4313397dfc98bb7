package org.iommusim.hw.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.stats.Counter;

/**
 * Who may read configuration from memory: so many transactions at a time, and, if misses are merged, one for each requester
 * and PASID. The others wait until that one has filled the cache, or is refused, and look the cache up again; what they have
 * waited for they have not used, so an invalidation meanwhile does not concern them.
 */
public final class ConfigFetches<F extends Transaction> implements EventHandler {
    /** Whose configuration it is. */
    public interface Client<F extends Transaction> {
        /** It is a transaction's turn to read. */
        void fetch(F transaction);

        /** Another one has read what this one waited for. */
        void findAgain(F transaction);

        /** True if others that need the same can do with what this one leaves in the cache. */
        boolean shares(F transaction);
    }

    private final Client<F> client;
    private final TransactionPool<F> pool;
    private final Scheduler scheduler;
    private final Slots slots;
    private final boolean merges;
    private final List<F> reading = new ArrayList<>();
    private final WaitingList<F> waiters = new WaitingList<>();
    private final Counter merged;

    /**
     * Nobody reads.
     *
     * @param atATime how many may read at a time; 0: any number
     * @param merges whether those that need the same wait for each other
     * @param merged counts them
     */
    public ConfigFetches(
            Client<F> client,
            TransactionPool<F> pool,
            Scheduler scheduler,
            String name,
            int atATime,
            boolean merges,
            WakeRule rule,
            Counter merged) {
        this.client = client;
        this.pool = pool;
        this.scheduler = scheduler;
        this.merges = merges;
        this.merged = merged;
        slots = new Slots(scheduler, name, atATime, rule);
    }

    /**
     * Reads a transaction's configuration, at once or later.
     *
     * @return false if it waits for what another one reads
     */
    public boolean start(F transaction) {
        if (merges && client.shares(transaction) && isRead(transaction)) {
            merged.increment();
            transaction.request().enter(Station.CONFIG_FETCH, scheduler.now());
            waiters.add(transaction);
            return false;
        }
        transaction.fetching = true;
        reading.add(transaction);
        if (slots.take(transaction.lane, this, 0, transaction.id)) {
            client.fetch(transaction);
        } else {
            transaction.request().enter(Station.CONFIG_FETCH, scheduler.now());
        }
        return true;
    }

    /** True if a transaction is reading already. */
    public boolean has(F transaction) {
        return transaction.fetching;
    }

    private boolean isRead(F transaction) {
        for (int i = 0; i < reading.size(); i++) {
            F other = reading.get(i);
            if (other.sid == transaction.sid && other.substream == transaction.substream && client.shares(other)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void onEvent(int op, long arg) {
        client.fetch(pool.get((int) arg));
    }

    /** A transaction has its configuration, and has kept it if it may; or it is refused. */
    public void end(F transaction) {
        if (!transaction.fetching) {
            return;
        }
        transaction.fetching = false;
        reading.remove(transaction);
        slots.release();
        for (F f = waiters.poll(); f != null; f = waiters.poll()) {
            client.findAgain(f);
        }
    }
}
