package org.iommusim.hw.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;

/**
 * Keeps interrupt messages behind the writes of their function that came before them: a message that announces data must not
 * arrive before the data (PCIe transaction ordering: a posted request does not pass another one). Other functions' writes, and
 * reads, do not hold it up. What a message has found out it has found out before; only its leaving waits, at {@link
 * Station#ORDER_WAIT}.
 */
final class MessageOrder<F extends Transaction> implements EventHandler {
    private final TransactionPool<F> flights;
    private final Scheduler scheduler;
    private final Consumer<F> leaves;
    private final List<Behind<F>> messages = new ArrayList<>();

    /** A message, the posted requests that it must not pass, and whether it is through otherwise. */
    private static final class Behind<F extends Transaction> {
        final F message;
        final List<F> older = new ArrayList<>();
        boolean remapped;

        Behind(F message) {
            this.message = message;
        }
    }

    /** Nobody waits; {@code leaves} is told of a message that nothing is before any more. */
    MessageOrder(TransactionPool<F> flights, Scheduler scheduler, Consumer<F> leaves) {
        this.flights = flights;
        this.scheduler = scheduler;
        this.leaves = leaves;
    }

    /** A message has arrived; whatever is under way came before it. */
    void arrived(F message) {
        Behind<F> behind = new Behind<>(message);
        flights.forEachUnderWay(other -> {
            if (other != message && other.sid == message.sid && isPosted(other)) {
                behind.older.add(other);
            }
        });
        messages.add(behind);
    }

    private static boolean isPosted(Transaction transaction) {
        return transaction.request().write() && transaction.type != AddressType.TRANSLATION_REQUEST;
    }

    /** It is known what becomes of a message: it leaves, now or when nothing is before it. */
    void remapped(F message) {
        for (Behind<F> behind : messages) {
            if (behind.message == message && !behind.older.isEmpty()) {
                behind.remapped = true;
                message.request().enter(Station.ORDER_WAIT, scheduler.now());
                return;
            }
        }
        leaves.accept(message);
    }

    /** A request is carried out, or has ended otherwise. */
    void ended(F transaction) {
        messages.removeIf(behind -> behind.message == transaction);
        for (Behind<F> behind : messages) {
            if (behind.older.remove(transaction) && behind.older.isEmpty() && behind.remapped) {
                scheduler.after(behind.message.lane, 0, this, 0, behind.message.id);
            }
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        leaves.accept(flights.get((int) arg));
    }
}
