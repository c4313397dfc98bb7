package org.iommusim.smmuv3;

import org.jspecify.annotations.Nullable;

/** A front end's misses under way, and those that wait because an older miss is of the same 4 KiB page. */
final class Misses {
    /** Waiting until somebody leaves. */
    final FlightList waiters = new FlightList();

    private final boolean byStream;
    private @Nullable Flight first;
    private @Nullable Flight last;

    /**
     * Makes an empty list.
     *
     * @param byStream whether only misses of the same stream and substream are in each other's way
     */
    Misses(boolean byStream) {
        this.byStream = byStream;
    }

    /** True if a miss of the flight's page is under way. */
    boolean hazard(Flight flight) {
        for (Flight other = first; other != null; other = other.missNext) {
            if (other.iova >>> 12 == flight.iova >>> 12
                    && (!byStream || other.sid == flight.sid && other.ssid == flight.ssid)) {
                return true;
            }
        }
        return false;
    }

    void add(Flight flight) {
        flight.missPrevious = last;
        flight.missNext = null;
        if (last == null) {
            first = flight;
        } else {
            last.missNext = flight;
        }
        last = flight;
    }

    void remove(Flight flight) {
        Flight before = flight.missPrevious;
        Flight behind = flight.missNext;
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
        flight.missPrevious = null;
        flight.missNext = null;
    }
}
