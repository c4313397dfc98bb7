package org.iommusim.smmuv3;

import org.jspecify.annotations.Nullable;

/** Flights that wait for a signal, in order. A broadcast wakes all of them; each tests its condition again. */
final class FlightList {
    private @Nullable Flight head;
    private @Nullable Flight tail;

    void add(Flight flight) {
        flight.waitNext = null;
        if (tail == null) {
            head = flight;
        } else {
            tail.waitNext = flight;
        }
        tail = flight;
    }

    /** Takes the first one out, or {@code null}. */
    @Nullable
    Flight poll() {
        Flight first = head;
        if (first != null) {
            head = first.waitNext;
            first.waitNext = null;
            if (head == null) {
                tail = null;
            }
        }
        return first;
    }

    boolean isEmpty() {
        return head == null;
    }
}
