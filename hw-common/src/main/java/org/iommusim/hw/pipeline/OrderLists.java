package org.iommusim.smmuv3;

import org.iommusim.hw.pipeline.WaitingList;
import org.jspecify.annotations.Nullable;

/** Transactions of a front end in the order of their arrival, reads and writes apart. */
final class OrderLists {
    private final Direction reads = new Direction();
    private final Direction writes = new Direction();

    void add(Flight flight) {
        Direction d = of(flight);
        flight.ordered = true;
        flight.orderPrevious = d.last;
        flight.orderNext = null;
        if (d.last != null) {
            d.last.orderNext = flight;
        }
        d.last = flight;
    }

    /** True if an older one with the same order id is still here. */
    boolean hasOlder(Flight flight) {
        int id = flight.request().orderId();
        for (Flight f = flight.orderPrevious; f != null; f = f.orderPrevious) {
            if (f.request().orderId() == id) {
                return true;
            }
        }
        return false;
    }

    void remove(Flight flight) {
        Direction d = of(flight);
        Flight before = flight.orderPrevious;
        Flight behind = flight.orderNext;
        if (before != null) {
            before.orderNext = behind;
        }
        if (behind == null) {
            d.last = before;
        } else {
            behind.orderPrevious = before;
        }
        flight.orderPrevious = null;
        flight.orderNext = null;
        flight.ordered = false;
    }

    /** Those that wait until somebody of their direction leaves. */
    WaitingList<Flight> waiters(Flight flight) {
        return of(flight).waiters;
    }

    private Direction of(Flight flight) {
        return flight.request().write() ? writes : reads;
    }

    private static final class Direction {
        final WaitingList<Flight> waiters = new WaitingList<>();

        @Nullable
        Flight last;
    }
}
