package org.iommusim.sim.resource;

import java.util.Arrays;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

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
    private final IntCell taken;
    private long waits;

    // Contenders: a pool of entries, linked into a FIFO; entry 0 is "none".
    private final RefArrayCell<EventHandler> handlers;
    private final RefArrayCell<Lane> lanes;
    private final IntArrayCell ops;
    private final LongArrayCell args;
    private final IntArrayCell nexts;
    private final IntCell head;
    private final IntCell tail;
    private final IntCell free;

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
        taken = new IntCell(world, SLOTS, id, 0);
        handlers = new RefArrayCell<>(world, SLOTS, id + 1, FIRST_CAPACITY);
        lanes = new RefArrayCell<>(world, SLOTS, id + 2, FIRST_CAPACITY);
        ops = new IntArrayCell(world, SLOTS, id + 3, FIRST_CAPACITY);
        args = new LongArrayCell(world, SLOTS, id + 4, FIRST_CAPACITY);
        nexts = new IntArrayCell(world, SLOTS, id + 5, FIRST_CAPACITY);
        head = new IntCell(world, SLOTS, id + 6, 0);
        tail = new IntCell(world, SLOTS, id + 7, 0);
        free = new IntCell(world, SLOTS, id + 8, 0);
        addFree(1, FIRST_CAPACITY);
    }

    /** The resource's name. */
    public String name() {
        return name;
    }

    /** How many slots are taken. */
    public int taken() {
        return taken.get();
    }

    /** True if nobody waits and a slot is free. */
    public boolean available() {
        return head.get() == 0 && hasFree();
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
        if (hasFree() && (head.get() == 0 || rule == WakeRule.RETEST)) {
            taken.add(1);
            return true;
        }
        waits++;
        enqueue(newEntry(lane, handler, op, arg));
        return false;
    }

    /** Gives a slot back; the next contender goes on by the resource's {@link WakeRule}. */
    public void release() {
        if (taken.get() <= 0) {
            throw new IllegalStateException(name + " gets back a slot that nobody took");
        }
        int entry = head.get();
        if (entry == 0) {
            taken.add(-1);
            return;
        }
        head.set(nexts.get(entry));
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
            taken.add(-1);
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
        if (hasFree()) {
            taken.add(1);
            int goOn = ops.get(entry);
            long operand = args.get(entry);
            freeEntry(entry);
            handler.onEvent(goOn, operand);
        } else {
            enqueue(entry);
        }
    }

    private boolean hasFree() {
        return capacity == 0 || taken.get() < capacity;
    }

    private void enqueue(int entry) {
        nexts.set(entry, 0);
        if (head.get() == 0) {
            head.set(entry);
        } else {
            nexts.set(tail.get(), entry);
        }
        tail.set(entry);
    }

    private int newEntry(Lane lane, EventHandler handler, int op, long arg) {
        if (free.get() == 0) {
            int old = ops.length();
            handlers.grow(2 * old);
            lanes.grow(2 * old);
            ops.grow(2 * old);
            args.grow(2 * old);
            nexts.grow(2 * old);
            addFree(old, 2 * old);
        }
        int entry = free.get();
        free.set(nexts.get(entry));
        handlers.set(entry, handler);
        lanes.set(entry, lane);
        ops.set(entry, op);
        args.set(entry, arg);
        return entry;
    }

    private void freeEntry(int entry) {
        handlers.set(entry, null);
        lanes.set(entry, null);
        nexts.set(entry, free.get());
        free.set(entry);
    }

    private void addFree(int from, int to) {
        for (int entry = to - 1; entry >= from; entry--) {
            nexts.set(entry, free.get());
            free.set(entry);
        }
    }

    @Override
    public String toString() {
        return name + Arrays.toString(new int[] {taken.get(), capacity});
    }
}
