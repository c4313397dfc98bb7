package org.iommusim.sim.explore;

import java.util.Arrays;

/** A few places in a schedule, largest first, each once. */
final class EventList {
    private int[] events = new int[64];
    private int count;

    /** Forgets all. */
    void clear() {
        count = 0;
    }

    /** How many there are. */
    int size() {
        return count;
    }

    /** The i-th; the first is the largest. */
    int get(int i) {
        return events[i];
    }

    /** Puts an event in its place, if it is not there. */
    void add(int event) {
        int at = count;
        while (at > 0 && events[at - 1] < event) {
            at--;
        }
        if (at > 0 && events[at - 1] == event) {
            return;
        }
        if (count == events.length) {
            events = Arrays.copyOf(events, 2 * count);
        }
        System.arraycopy(events, at, events, at + 1, count - at);
        events[at] = event;
        count++;
    }
}
