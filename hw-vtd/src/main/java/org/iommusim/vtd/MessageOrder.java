package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.pipeline.TransactionPool;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Scheduler;

/**
 * Keeps interrupt messages behind the writes of their function that came before them: a message that announces data must not
 * arrive before the data (PCIe transaction ordering: a posted request does not pass another one). Other functions' writes, and
 * reads, do not hold it up. What a message has found out it has found out before; only its leaving waits, at {@link
 * Station#ORDER_WAIT}.
 */
final class MessageOrder implements EventHandler {
    private final TransactionPool<Flight> flights;
    private final Scheduler scheduler;
    private final RequestPath path;
    private final List<Behind> messages = new ArrayList<>();

    /** A message, the posted requests that it must not pass, and whether it is through otherwise. */
    private static final class Behind {
        final Flight message;
        final List<Flight> older = new ArrayList<>();
        boolean remapped;

        Behind(Flight message) {
            this.message = message;
        }
    }

    MessageOrder(TransactionPool<Flight> flights, Scheduler scheduler, RequestPath path) {
        this.flights = flights;
        this.scheduler = scheduler;
        this.path = path;
    }

    /** A message has arrived; whatever is under way came before it. */
    void arrived(Flight message) {
        Behind behind = new Behind(message);
        flights.forEachUnderWay(other -> {
            if (other != message && other.sid == message.sid && isPosted(other)) {
                behind.older.add(other);
            }
        });
        messages.add(behind);
    }

    private static boolean isPosted(Flight flight) {
        return flight.request().write() && flight.type != AddressType.TRANSLATION_REQUEST;
    }

    /** It is known what becomes of a message: it leaves, now or when nothing is before it. */
    void remapped(Flight message) {
        for (Behind behind : messages) {
            if (behind.message == message && !behind.older.isEmpty()) {
                behind.remapped = true;
                message.request().enter(Station.ORDER_WAIT, scheduler.now());
                return;
            }
        }
        path.remapped(message);
    }

    /** A request is carried out, or has ended otherwise. */
    void ended(Flight flight) {
        messages.removeIf(behind -> behind.message == flight);
        for (Behind behind : messages) {
            if (behind.older.remove(flight) && behind.older.isEmpty() && behind.remapped) {
                scheduler.after(behind.message.lane, 0, this, 0, behind.message.id);
            }
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        path.remapped(flights.get((int) arg));
    }
}
