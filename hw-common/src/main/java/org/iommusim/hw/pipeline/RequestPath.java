package org.iommusim.hw.pipeline;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.provider.ParameterValues;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.resource.Slots;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockEdges;

/**
 * In and out of a unit: admits requests (slots, write buffer), takes their beats at the port from the devices, and hands what is
 * translated to the port to memory, in the order of arrival if the unit keeps order. What happens in between is its client's
 * business.
 */
public final class RequestPath<F extends Transaction> implements EventHandler {
    /** Who translates. */
    public interface Client<F extends Transaction> {
        /** A transaction is in; {@link RequestPath#answered} when it is known what becomes of it. */
        void received(F transaction);

        /** It is known what becomes of a transaction of the unit's own ({@link Transaction#own}): it has failed or not. */
        void ownAnswered(F transaction);

        /** A transaction is past the port to memory, or has ended. */
        void left(F transaction);
    }

    private static final int OP_ADMITTED = 0;
    private static final int OP_PORT = 1;
    private static final int OP_RECEIVED = 2;
    private static final int OP_LEFT = 3;
    private static final int OP_ORDER = 5;

    private final Client<F> client;
    private final TransactionPool<F> pool;
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final RequestPort memoryPort;
    private final Door<F> door;
    private final boolean inOrder;
    private final OrderLists<F> order = new OrderLists<>();
    private final Slots port;
    private final RefusedSource refused;

    /**
     * Nobody is in.
     *
     * @param p has {@code clock_ps}, {@code request_slots}, {@code write_beats} and {@code in_order}
     */
    public RequestPath(
            Client<F> client,
            TransactionPool<F> pool,
            Simulation sim,
            String name,
            ParameterValues p,
            WakeRule rule,
            RequestPort memoryPort) {
        this.client = client;
        this.pool = pool;
        this.memoryPort = memoryPort;
        scheduler = sim.scheduler();
        edges = new ClockEdges(p.clock());
        door = new Door<>(p.value("request_slots"), p.value("write_beats"), false);
        inOrder = p.flag("in_order");
        port = new Slots(scheduler, name + " port", 1, rule);
        refused = new RefusedSource(scheduler, edges, scheduler.newLane(name + " retries", Phase.HARDWARE));
    }

    // ---- in

    /** A transaction is at the door. */
    void accept(F transaction) {
        if (door.enter(transaction)) {
            receive(transaction);
        }
    }

    /** True if a request with so many beats of data of its own need not wait at the door. */
    boolean hasRoom(int dataBeats) {
        return door.hasRoom(dataBeats);
    }

    /** Whoever found no room here. */
    RefusedSource refused() {
        return refused;
    }

    @Override
    public void onEvent(int op, long arg) {
        F transaction = pool.get((int) arg);
        switch (op) {
            case OP_ADMITTED -> receive(transaction);
            case OP_PORT -> after(transaction, transaction.beats, OP_RECEIVED);
            case OP_RECEIVED -> received(transaction);
            case OP_LEFT -> finish(transaction);
            case OP_ORDER -> leaveInOrder(transaction);
            default -> throw new IllegalArgumentException("request path op " + op);
        }
    }

    private void after(F transaction, int cycles, int op) {
        scheduler.at(transaction.lane, edges.after(scheduler.now(), cycles), this, op, transaction.id);
    }

    private void receive(F transaction) {
        if (port.take(transaction.lane, this, OP_PORT, transaction.id)) {
            after(transaction, transaction.beats, OP_RECEIVED);
        }
    }

    private void received(F transaction) {
        port.release();
        transaction.receivedAt = scheduler.now();
        client.received(transaction);
    }

    /** If this unit keeps order, a transaction leaves behind the older ones of its order; to be said when it is received. */
    public void keepOrder(F transaction) {
        if (inOrder && transaction.type != AddressType.TRANSLATION_REQUEST) {
            order.add(transaction);
        }
    }

    // ---- out

    /** A transaction has its answer, or has failed. */
    public void answered(F transaction) {
        if (transaction.own) {
            client.ownAnswered(transaction);
        } else {
            leaveInOrder(transaction);
        }
    }

    /** Who has somebody older of its order in front of it waits until one leaves, and looks again. */
    private void leaveInOrder(F transaction) {
        if (transaction.ordered) {
            if (order.hasOlder(transaction)) {
                transaction.request().enter(Station.ORDER_WAIT, scheduler.now());
                order.waiters(transaction).add(transaction);
                return;
            }
            order.remove(transaction);
            wakeWaiters(transaction);
        }
        leave(transaction);
    }

    private void wakeWaiters(F transaction) {
        WaitingList<F> waiters = order.waiters(transaction);
        for (F f = waiters.poll(); f != null; f = waiters.poll()) {
            scheduler.after(f.lane, 0, this, OP_ORDER, f.id);
        }
    }

    private void leave(F transaction) {
        if (transaction.failed() || transaction.type == AddressType.TRANSLATION_REQUEST) {
            finish(transaction);
        } else {
            transaction.request().enter(Station.PORT, scheduler.now());
            int beats = memoryPort.beats(
                    transaction.request().bytes(), transaction.request().write());
            memoryPort.pass(transaction.lane, beats, this, OP_LEFT, transaction.id);
        }
    }

    private void finish(F transaction) {
        door.leave(transaction);
        for (F next = door.admitNext(); next != null; next = door.admitNext()) {
            scheduler.after(next.lane, 0, this, OP_ADMITTED, next.id);
        }
        refused.invite();
        client.left(transaction);
    }

    /** An interrupt message is through: it does not take the port to memory. */
    void messageLeaves(F message) {
        finish(message);
    }
}
