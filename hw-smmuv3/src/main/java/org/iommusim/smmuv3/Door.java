package org.iommusim.smmuv3;

import org.jspecify.annotations.Nullable;

/**
 * A front end's translation slots and write buffer. A transaction enters if there is a slot and, for a write, room for
 * its data; otherwise it waits, and so does everything behind it.
 */
final class Door {
    private int slots;
    private int beats;
    private final int mostBeats;
    private final boolean leaks;
    private @Nullable Flight head;
    private @Nullable Flight tail;

    /**
     * Makes an empty door.
     *
     * @param leaks whether a write that fails keeps its beats for ever, which is what gem5 does
     */
    Door(int slots, int beats, boolean leaks) {
        this.slots = slots;
        this.beats = beats;
        mostBeats = beats;
        this.leaks = leaks;
    }

    /** Admits a flight now (true), or queues it. */
    boolean enter(Flight flight) {
        if (head == null && admit(flight)) {
            return true;
        }
        flight.doorNext = null;
        if (tail == null) {
            head = flight;
        } else {
            tail.doorNext = flight;
        }
        tail = flight;
        return false;
    }

    /** True if a flight with so many beats of data of its own would be admitted now. */
    boolean hasRoom(int dataBeats) {
        return head == null && slots != 0 && beats >= Math.min(dataBeats, mostBeats);
    }

    /** True if there is a slot. */
    boolean hasSlot() {
        return slots > 0;
    }

    /** Takes a slot for a flight of the front end's own; there must be one. */
    void takeSlot() {
        slots--;
    }

    /** Gives back what a flight took. */
    void leave(Flight flight) {
        slots++;
        if (!leaks || !flight.failed()) {
            beats += held(flight);
        }
    }

    /** The next waiting flight, admitted; {@code null} if nobody waits or there is no room. */
    @Nullable
    Flight admitNext() {
        Flight first = head;
        if (first == null || !admit(first)) {
            return null;
        }
        head = first.doorNext;
        first.doorNext = null;
        if (head == null) {
            tail = null;
        }
        return first;
    }

    private boolean admit(Flight flight) {
        int needed = held(flight);
        if (slots == 0 || beats < needed) {
            return false;
        }
        slots--;
        beats -= needed;
        return true;
    }

    /** A write larger than the whole buffer takes all of it. */
    private int held(Flight flight) {
        return flight.carriesData() ? Math.min(flight.beats, mostBeats) : 0;
    }
}
