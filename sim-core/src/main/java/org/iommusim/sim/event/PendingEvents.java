package org.iommusim.sim.event;

import java.util.Arrays;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.Mix;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The pool of pending events, part of the world: it is undone, and what waits on a lane is hashed there, whatever the slots
 * that hold it.
 *
 * <p>Every event of a run comes through here, so a slot is one object of plain fields, and whether somebody watches the
 * world is asked once for all fields that an operation writes.
 */
final class PendingEvents {
    /** "None" in every link. Its own link is the head of the free slots. */
    static final int NONE = 0;

    private static final Variable EVENT = Variable.unhashed("scheduler.event");
    private static final int FIRST_CAPACITY = 1 << 8;

    private final Payload payload;
    private final Links links;
    private Slot[] slots = {new Slot()};

    /** One event, or a free place for one. */
    private static final class Slot {
        EventHandler handler;
        Lane lane;
        int op;
        long arg;
        long time;
        int next;

        @SuppressWarnings("NullAway") // handler and lane are set before use
        Slot() {}
    }

    /**
     * Makes an empty pool.
     *
     * @param instance of the variable of links
     */
    PendingEvents(World world, Variable bookkeeping, long instance) {
        payload = new Payload(world);
        links = new Links(world, bookkeeping, instance);
        grow(FIRST_CAPACITY);
    }

    /** Makes an event that is the last one of its lane; returns its number. */
    int add(Lane lane, long time, EventHandler handler, int op, long arg) {
        if (slots[NONE].next == NONE) {
            grow(2 * slots.length);
        }
        int number = slots[NONE].next;
        Slot slot = slots[number];
        if (links.isWatched()) {
            links.place(number, lane, time);
            links.next(number, NONE);
            links.next(NONE, slot.next);
            links.handler(number, handler);
            payload.note(number, op, arg);
        }
        slots[NONE].next = slot.next;
        slot.lane = lane;
        slot.time = time;
        slot.next = NONE;
        slot.handler = handler;
        slot.op = op;
        slot.arg = arg;
        return number;
    }

    /**
     * Forgets an event that runs now or was taken back. Its payload would stay in the hash; what its other fields say means
     * nothing from now on.
     */
    void free(int number) {
        Slot slot = slots[number];
        int head = slots[NONE].next;
        if (links.isWatched()) {
            links.next(number, head);
            links.next(NONE, number);
            payload.note(number, 0, 0);
        }
        slot.op = 0;
        slot.arg = 0;
        slot.next = head;
        slots[NONE].next = number;
    }

    /** Puts an event's payload into another slot. */
    void movePayload(int from, int to) {
        Slot source = slots[from];
        Slot target = slots[to];
        if (links.isWatched()) {
            payload.note(to, source.op, source.arg);
            links.handler(to, source.handler);
        }
        target.handler = source.handler;
        target.op = source.op;
        target.arg = source.arg;
    }

    /** Links an event behind another one of its lane, or makes it the last. */
    void next(int number, int next) {
        if (links.isWatched()) {
            links.next(number, next);
        }
        slots[number].next = next;
    }

    /** The next event of the same lane. */
    int next(int number) {
        return slots[number].next;
    }

    Lane lane(int number) {
        return slots[number].lane;
    }

    /** When it is due, ps. */
    long time(int number) {
        return slots[number].time;
    }

    EventHandler handler(int number) {
        return slots[number].handler;
    }

    int op(int number) {
        return slots[number].op;
    }

    long arg(int number) {
        return slots[number].arg;
    }

    /** What waits from this event on, first to last, as a hash; 0 for nothing. */
    long content(int first) {
        long hash = 0;
        for (int number = first; number != NONE; number = slots[number].next) {
            Slot slot = slots[number];
            hash = Mix.mix(hash * 31 + slot.op + 1 + Mix.mix(slot.arg + 1));
        }
        return hash;
    }

    /** New slots are all zero, which weighs nothing in the hash, and on the free list from the lowest on. */
    private void grow(int capacity) {
        int old = slots.length;
        slots = Arrays.copyOf(slots, capacity);
        for (int number = capacity - 1; number >= old; number--) {
            slots[number] = new Slot();
            next(number, slots[NONE].next);
            next(NONE, number);
        }
    }

    /** What events do, as cells: op of slot n at index 2n, its argument at 2n + 1. Handlers have no part in the hash. */
    private final class Payload extends Cell {
        Payload(World world) {
            super(world, EVENT, 1);
        }

        void note(int number, int op, long arg) {
            noteWrite(2L * number, slots[number].op, op);
            noteWrite(2L * number + 1, slots[number].arg, arg);
        }

        @Override
        protected long bitsAt(long index) {
            Slot slot = slots[(int) (index >>> 1)];
            return (index & 1) == 0 ? slot.op : slot.arg;
        }

        @Override
        protected void restore(long index, long bits, @Nullable Object reference) {
            Slot slot = slots[(int) (index >>> 1)];
            if ((index & 1) == 0) {
                slot.op = (int) bits;
            } else {
                slot.arg = bits;
            }
        }
    }

    /** Where events stand, as cells: time, next, lane and handler of slot n from index 4n on. */
    private final class Links extends Cell {
        private static final int TIME = 0;
        private static final int NEXT = 1;
        private static final int LANE = 2;
        private static final int HANDLER = 3;

        Links(World world, Variable bookkeeping, long instance) {
            super(world, bookkeeping, instance);
        }

        boolean isWatched() {
            return watched();
        }

        void place(int number, Lane lane, long time) {
            noteWrite(4L * number + TIME, slots[number].time, time);
            noteReferenceWrite(4L * number + LANE, slots[number].lane, lane);
        }

        void next(int number, int next) {
            noteWrite(4L * number + NEXT, slots[number].next, next);
        }

        void handler(int number, EventHandler handler) {
            noteReferenceWrite(4L * number + HANDLER, slots[number].handler, handler);
        }

        @Override
        protected long bitsAt(long index) {
            Slot slot = slots[(int) (index >>> 2)];
            return switch ((int) index & 3) {
                case TIME -> slot.time;
                case NEXT -> slot.next;
                default -> 0; // not hashed
            };
        }

        @Override
        @SuppressWarnings("NullAway") // only what the fields held comes back
        protected void restore(long index, long bits, @Nullable Object reference) {
            Slot slot = slots[(int) (index >>> 2)];
            switch ((int) index & 3) {
                case TIME -> slot.time = bits;
                case NEXT -> slot.next = (int) bits;
                case LANE -> slot.lane = (Lane) reference;
                default -> slot.handler = (EventHandler) reference;
            }
        }
    }
}
