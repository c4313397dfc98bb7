package org.iommusim.sim.resource;

import java.util.Arrays;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Timing;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * A number of equal slots, and a FIFO of contenders. A contender names the event with which it goes on; that event runs
 * with the slot already taken.
 */
public final class Slots implements EventHandler {
    /** The variable of all slot counts and queues. */
    public static final Variable SLOTS = Variable.named("resource.slots");

    private static final int OP_RETEST = 0;
    private static final int FIRST_CAPACITY = 16;

    private final String name;
    private final Scheduler scheduler;
    private final int capacity;
    private final WakeRule rule;
    private final State state;

    @Timing
    private long waits;

    // Contenders: a pool of entries, linked into a FIFO; entry 0 is "none".
    private final RefArrayCell<EventHandler> handlers;
    private final RefArrayCell<Lane> lanes;
    private final IntArrayCell ops;
    private final LongArrayCell args;
    private final IntArrayCell nexts;

    /**
     * Makes free slots.
     *
     * @param capacity how many; 0 means that there is always one free
     */
    public Slots(Scheduler scheduler, String name, int capacity, WakeRule rule) {
        if (capacity < 0) {
            throw new IllegalArgumentException(name + " cannot have " + capacity + " slots");
        }
        this.name = name;
        this.scheduler = scheduler;
        this.capacity = capacity;
        this.rule = rule;
        World world = scheduler.world();
        long id = world.nextInstance() << 4;
        state = new State(world, id);
        handlers = new RefArrayCell<>(world, SLOTS, id + 1, FIRST_CAPACITY);
        lanes = new RefArrayCell<>(world, SLOTS, id + 2, FIRST_CAPACITY);
        ops = new IntArrayCell(world, SLOTS, id + 3, FIRST_CAPACITY);
        args = new LongArrayCell(world, SLOTS, id + 4, FIRST_CAPACITY);
        nexts = new IntArrayCell(world, SLOTS, id + 5, FIRST_CAPACITY);
        addFree(1, FIRST_CAPACITY);
    }

    /** The resource's name. */
    public String name() {
        return name;
    }

    /** How many slots are taken. */
    public int taken() {
        state.read();
        return state.taken;
    }

    /** True if nobody waits and a slot is free. */
    public boolean available() {
        state.read();
        return state.head == 0 && hasFree();
    }

    /** How often a contender had to wait so far. */
    public long waits() {
        return waits;
    }

    /**
     * Takes a slot, or queues the contender.
     *
     * @return true if the slot is taken now and the caller goes on; false if {@code handler.onEvent(op, arg)} will run on
     *     {@code lane} later, with a slot taken
     */
    public boolean take(Lane lane, EventHandler handler, int op, long arg) {
        // Under RETEST a slot may be free while a woken contender has not tested yet: barging is that rule's nature.
        state.read();
        if (hasFree() && (state.head == 0 || rule == WakeRule.RETEST)) {
            state.taken(state.taken + 1);
            return true;
        }
        waits++;
        enqueue(newEntry(lane, handler, op, arg));
        return false;
    }

    /** Gives a slot back; the next contender goes on by the resource's {@link WakeRule}. */
    public void release() {
        state.read();
        if (state.taken <= 0) {
            throw new IllegalStateException(name + " gets back a slot that nobody took");
        }
        int entry = state.head;
        if (entry == 0) {
            state.taken(state.taken - 1);
            return;
        }
        state.queue(nexts.get(entry), state.tail);
        Lane lane = lanes.get(entry);
        EventHandler handler = handlers.get(entry);
        if (lane == null || handler == null) {
            throw new IllegalStateException(name + " lost a contender");
        }
        if (rule == WakeRule.HAND_OVER) {
            // The slot stays taken and changes hands.
            scheduler.after(lane, 0, handler, ops.get(entry), args.get(entry));
            freeEntry(entry);
        } else {
            state.taken(state.taken - 1);
            scheduler.after(lane, 0, this, OP_RETEST, entry);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        int entry = (int) arg;
        EventHandler handler = handlers.get(entry);
        if (handler == null) {
            throw new IllegalStateException(name + " wakes nobody");
        }
        state.read();
        if (hasFree()) {
            state.taken(state.taken + 1);
            int goOn = ops.get(entry);
            long operand = args.get(entry);
            freeEntry(entry);
            handler.onEvent(goOn, operand);
        } else {
            enqueue(entry);
        }
    }

    private boolean hasFree() {
        return capacity == 0 || state.taken < capacity;
    }

    private void enqueue(int entry) {
        nexts.set(entry, 0);
        if (state.head == 0) {
            state.queue(entry, entry);
        } else {
            nexts.set(state.tail, entry);
            state.queue(state.head, entry);
        }
    }

    private int newEntry(Lane lane, EventHandler handler, int op, long arg) {
        if (state.free == 0) {
            int old = ops.length();
            handlers.grow(2 * old);
            lanes.grow(2 * old);
            ops.grow(2 * old);
            args.grow(2 * old);
            nexts.grow(2 * old);
            addFree(old, 2 * old);
        }
        int entry = state.free;
        state.free(nexts.get(entry));
        handlers.set(entry, handler);
        lanes.set(entry, lane);
        ops.set(entry, op);
        args.set(entry, arg);
        return entry;
    }

    private void freeEntry(int entry) {
        handlers.set(entry, null);
        lanes.set(entry, null);
        nexts.set(entry, state.free);
        state.free(entry);
    }

    private void addFree(int from, int to) {
        for (int entry = to - 1; entry >= from; entry--) {
            nexts.set(entry, state.free);
            state.free(entry);
        }
    }

    @Override
    public String toString() {
        return name + Arrays.toString(new int[] {state.taken, capacity});
    }

    /** How many slots are taken, and the ends of the lists of contenders and of free entries: four variables, one cell. */
    private static final class State extends Cell {
        private static final int TAKEN = 0;
        private static final int HEAD = 1;
        private static final int TAIL = 2;
        private static final int FREE = 3;

        int taken;
        int head;
        int tail;
        int free;

        State(World world, long instance) {
            super(world, SLOTS, instance);
        }

        /** To be told before a decision. */
        void read() {
            if (watched()) {
                noteRead(TAKEN);
                noteRead(HEAD);
            }
        }

        void taken(int value) {
            if (watched()) {
                noteWrite(TAKEN, taken, value);
            }
            taken = value;
        }

        void queue(int newHead, int newTail) {
            if (watched()) {
                noteWrite(HEAD, head, newHead);
                noteWrite(TAIL, tail, newTail);
            }
            head = newHead;
            tail = newTail;
        }

        void free(int entry) {
            if (watched()) {
                noteWrite(FREE, free, entry);
            }
            free = entry;
        }

        @Override
        protected long bitsAt(long index) {
            return switch ((int) index) {
                case TAKEN -> taken;
                case HEAD -> head;
                case TAIL -> tail;
                default -> free;
            };
        }

        @Override
        protected void restore(long index, long bits, @Nullable Object reference) {
            switch ((int) index) {
                case TAKEN -> taken = (int) bits;
                case HEAD -> head = (int) bits;
                case TAIL -> tail = (int) bits;
                default -> free = (int) bits;
            }
        }
    }
}
