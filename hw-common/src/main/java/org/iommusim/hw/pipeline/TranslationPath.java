package org.iommusim.hw.pipeline;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockEdges;

/**
 * The way of a transaction through an IOTLB and, if it misses, a walk slot, back into the IOTLB. A miss waits while an older miss
 * of the same page and tables is under way, and then looks the IOTLB up again. Translation requests do not use the IOTLB: what
 * they ask for is more than one access. What is in the IOTLB, and how tables are walked, is the client's business.
 */
public final class TranslationPath<F extends Transaction> implements EventHandler {
    /** Whose IOTLB and tables they are. */
    public interface Client<F extends Transaction> {
        /** Looks a transaction up in the IOTLB; true if there is an answer, which may be that it is refused. */
        boolean lookUp(F transaction);

        /** It has its answer out of the IOTLB. */
        void hit(F transaction);

        /** It has a walk slot; {@link TranslationPath#settle} when it needs it no more. */
        void walk(F transaction);

        /** Puts what a walk has found into the IOTLB. */
        void fill(F transaction);

        /** What a walk has found is kept, if it is to be. */
        void settled(F transaction);

        /** True if misses of the same page with these tables are in each other's way. */
        boolean sameTables(F one, F other);
    }

    private static final int OP_LOOKUP = 0;
    private static final int OP_LOOKED_UP = 1;
    private static final int OP_HAZARD = 2;
    private static final int OP_WALK = 3;
    private static final int OP_FILL = 5;
    private static final int OP_FILLED = 6;

    private final Client<F> client;
    private final TransactionPool<F> pool;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final boolean on;
    private final int cycles;
    private final int fillCycles;
    private final boolean merges;
    private final boolean blocking;
    private final Slots ports;
    private final Slots walks;
    private final Misses<F> misses;

    /**
     * Nobody is on the way.
     *
     * @param name of the unit
     * @param p has {@code clock_ps}, {@code iotlb} and its cycles and ports, {@code merge_misses}, {@code blocking_misses},
     *     {@code walk_slots}
     */
    public TranslationPath(
            Client<F> client,
            TransactionPool<F> pool,
            Scheduler scheduler,
            String name,
            ParameterValues p,
            WakeRule rule) {
        this.client = client;
        this.pool = pool;
        this.scheduler = scheduler;
        edges = new ClockEdges(p.clock());
        on = p.flag("iotlb");
        cycles = p.value("iotlb_cycles");
        fillCycles = p.value("iotlb_fill_cycles");
        merges = p.flag("merge_misses");
        blocking = p.flag("blocking_misses");
        ports = new Slots(scheduler, name + ".iotlb ports", p.value("iotlb_ports"), rule);
        walks = new Slots(scheduler, name + " walks", p.value("walk_slots"), rule);
        misses = new Misses<>(client::sameTables);
    }

    /** False: there is no IOTLB, and every request is walked for. */
    public boolean on() {
        return on;
    }

    /** A transaction that is to be translated sets out. */
    public void start(F transaction) {
        if (transaction.type == AddressType.TRANSLATION_REQUEST) {
            toWalk(transaction);
        } else {
            lookUp(transaction);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        F transaction = pool.get((int) arg);
        switch (op) {
            case OP_LOOKUP -> after(transaction, cycles, OP_LOOKED_UP);
            case OP_LOOKED_UP -> lookedUp(transaction);
            case OP_HAZARD -> afterHazard(transaction);
            case OP_WALK -> walk(transaction);
            case OP_FILL -> fill(transaction);
            case OP_FILLED -> filled(transaction);
            default -> throw new IllegalArgumentException("translation path op " + op);
        }
    }

    private void after(F transaction, int howMany, int op) {
        scheduler.at(transaction.lane, edges.after(scheduler.now(), howMany), this, op, transaction.id);
    }

    // ---- lookup

    private void lookUp(F transaction) {
        transaction.request().enter(Station.MAIN_TLB, scheduler.now());
        if (!on) {
            missed(transaction);
        } else if (ports.take(transaction.lane, this, OP_LOOKUP, transaction.id)) {
            after(transaction, cycles, OP_LOOKED_UP);
        }
    }

    private void lookedUp(F transaction) {
        boolean hit = client.lookUp(transaction);
        transaction.blocks = blocking && !hit && !(merges && misses.hazard(transaction));
        if (!transaction.blocks) {
            ports.release();
        }
        if (hit) {
            client.hit(transaction);
        } else {
            missed(transaction);
        }
    }

    private void missed(F transaction) {
        if (merges && misses.hazard(transaction)) {
            transaction.request().enter(Station.HAZARD, scheduler.now());
            misses.waiters.add(transaction);
        } else {
            transaction.request().missed();
            misses.add(transaction);
            toWalk(transaction);
        }
    }

    private void afterHazard(F transaction) {
        if (misses.hazard(transaction)) {
            misses.waiters.add(transaction);
        } else {
            lookUp(transaction);
        }
    }

    private void missOver(F transaction) {
        if (transaction.type == AddressType.TRANSLATION_REQUEST) {
            return;
        }
        misses.remove(transaction);
        for (F f = misses.waiters.poll(); f != null; f = misses.waiters.poll()) {
            scheduler.after(f.lane, 0, this, OP_HAZARD, f.id);
        }
    }

    // ---- walk

    private void toWalk(F transaction) {
        transaction.request().enter(Station.WALK_WAIT, scheduler.now());
        if (walks.take(transaction.lane, this, OP_WALK, transaction.id)) {
            walk(transaction);
        }
    }

    private void walk(F transaction) {
        if (transaction.blocks) {
            transaction.blocks = false;
            ports.release();
        }
        client.walk(transaction);
    }

    // ---- fill

    /**
     * A walk is over, and its slot is free again; {@link Client#settled} when its result is kept, if it may be kept.
     *
     * @param keep whether the result is worth keeping; that of a translation request is not
     */
    public void settle(F transaction, boolean keep) {
        walks.release();
        if (!keep || !on || transaction.stale || transaction.type == AddressType.TRANSLATION_REQUEST) {
            missOver(transaction);
            client.settled(transaction);
        } else if (ports.take(transaction.lane, this, OP_FILL, transaction.id)) {
            fill(transaction);
        }
    }

    /** Takes the port as long as it lasts. */
    private void fill(F transaction) {
        if (fillCycles == 0) {
            filled(transaction);
        } else {
            after(transaction, fillCycles, OP_FILLED);
        }
    }

    private void filled(F transaction) {
        ports.release();
        // It may have become stale while it waited for a port, or while it was being filled.
        if (!transaction.stale) {
            client.fill(transaction);
        }
        missOver(transaction);
        client.settled(transaction);
    }
}
