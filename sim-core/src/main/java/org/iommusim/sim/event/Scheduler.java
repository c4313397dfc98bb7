package org.iommusim.sim.event;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * Runs events. Each event waits on a {@link Lane}; a {@link LaneChoice} says which lane's head runs next. The pool of
 * pending events is made of cells, so that an exploration can undo it; in steady state scheduling allocates nothing.
 *
 * <p>Guarantees: events of one lane run in the order in which they were scheduled; an event never runs before its time
 * in a timed run; {@link #now} never decreases.
 */
public final class Scheduler {
    private static final Variable LANE_EVENTS = Variable.named("scheduler.lane");
    private static final Variable EVENT = Variable.named("scheduler.event");
    private static final Variable BOOKKEEPING = Variable.unhashed("scheduler.bookkeeping");
    private static final int FIRST_CAPACITY = 1 << 8;

    private final World world;
    private final LaneChoice choice;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<Lane> lanesView = Collections.unmodifiableList(lanes);
    private final LongCell now;
    private final LongCell executed;

    // The pool. Slot 0 is never used: 0 means "none" in every link.
    private final RefArrayCell<EventHandler> handlers;
    private final RefArrayCell<Lane> laneOf;
    private final IntArrayCell ops;
    private final LongArrayCell args;
    private final LongArrayCell times;
    private final IntArrayCell nextOf;
    private final IntCell freeHead;

    /** Makes a scheduler whose pending events are cells of {@code world}. */
    public Scheduler(World world, LaneChoice choice) {
        this.world = world;
        this.choice = choice;
        now = new LongCell(world, BOOKKEEPING, 1, 0);
        executed = new LongCell(world, BOOKKEEPING, 2, 0);
        handlers = new RefArrayCell<>(world, BOOKKEEPING, 3, FIRST_CAPACITY);
        laneOf = new RefArrayCell<>(world, BOOKKEEPING, 4, FIRST_CAPACITY);
        times = new LongArrayCell(world, BOOKKEEPING, 5, FIRST_CAPACITY);
        nextOf = new IntArrayCell(world, BOOKKEEPING, 6, FIRST_CAPACITY);
        freeHead = new IntCell(world, BOOKKEEPING, 7, 0);
        ops = new IntArrayCell(world, EVENT, 1, FIRST_CAPACITY);
        args = new LongArrayCell(world, EVENT, 2, FIRST_CAPACITY);
        addFreeSlots(1, FIRST_CAPACITY);
    }

    /** The world of the pending events. */
    public World world() {
        return world;
    }

    /**
     * Makes a lane.
     *
     * @param name unique name, shown in timelines and counterexamples
     * @param phase its place among lanes at the same time
     */
    public Lane newLane(String name, Phase phase) {
        int index = lanes.size();
        Lane lane = new Lane(
                name,
                index,
                phase,
                new IntCell(world, LANE_EVENTS, index, 0),
                new IntCell(world, BOOKKEEPING, 8L + index, 0));
        lanes.add(lane);
        return lane;
    }

    /** All lanes in the order of their creation. */
    public List<Lane> lanes() {
        return lanesView;
    }

    /** Current simulated time, ps. In an exploration this is a label: the largest time seen. */
    public long now() {
        return now.get();
    }

    /** Number of events run so far. */
    public long executed() {
        return executed.get();
    }

    /** How choices other than the order of lanes are made; {@code null} in a timed run. */
    public @Nullable ChoiceSource choices() {
        return choice.choices();
    }

    /** Schedules an event {@code delayPs} after now; see {@link #at}. */
    public void after(Lane lane, long delayPs, EventHandler handler, int op, long arg) {
        at(lane, now() + delayPs, handler, op, arg);
    }

    /**
     * Schedules an event.
     *
     * @param lane the lane that orders it
     * @param timePs when, not before now and not before the lane's last event
     * @throws IllegalArgumentException if the time breaks the lane's order: the caller needs another lane
     */
    public void at(Lane lane, long timePs, EventHandler handler, int op, long arg) {
        long due = timePs;
        int last = lane.tail.get();
        boolean occupied = lane.head.get() != 0;
        if (choice.choices() != null) {
            // Times are labels here: another lane may have pushed the label past this lane's own.
            due = Math.max(due, occupied ? times.get(last) : now());
        } else if (due < now() || occupied && due < times.get(last)) {
            throw new IllegalArgumentException("lane " + lane + " is FIFO: an event at " + timePs + " ps comes before "
                    + (occupied && due < times.get(last) ? "its tail at " + times.get(last) : "now, " + now()) + " ps");
        }
        int slot = takeSlot();
        handlers.set(slot, handler);
        laneOf.set(slot, lane);
        ops.set(slot, op);
        args.set(slot, arg);
        times.set(slot, due);
        nextOf.set(slot, 0);
        if (occupied) {
            nextOf.set(last, slot);
        } else {
            lane.head.set(slot);
        }
        lane.tail.set(slot);
        choice.added(slot, lane, due);
    }

    /** Takes back the only pending event of a lane, if there is one: for timers, which have a lane of their own. */
    public void cancel(Lane lane) {
        int slot = lane.head.get();
        if (slot == 0) {
            return;
        }
        if (nextOf.get(slot) != 0) {
            throw new IllegalStateException(
                    "lane " + lane + " has several events; only a timer's lane can be cancelled");
        }
        lane.head.set(0);
        choice.cancelled(slot);
        freeSlot(slot);
    }

    /**
     * Runs one event.
     *
     * @return false if nothing was pending
     */
    public boolean step() {
        int slot = choice.next(this);
        if (slot == 0) {
            return false;
        }
        Lane lane = laneOf.get(slot);
        if (lane == null) {
            throw new IllegalStateException("event slot " + slot + " is not pending");
        }
        int head = lane.head.get();
        EventHandler handler = handlers.get(head);
        int op = ops.get(head);
        long arg = args.get(head);
        long due = times.get(head);
        if (head == slot) {
            lane.head.set(nextOf.get(slot));
        } else {
            shiftPayloads(lane, head, slot);
        }
        freeSlot(slot);
        if (due > now.get()) {
            now.set(due);
        }
        executed.add(1);
        if (handler == null) {
            throw new IllegalStateException("event slot " + head + " has no handler");
        }
        handler.onEvent(op, arg);
        return true;
    }

    /**
     * Keeps a lane's order where ties leave the queue last-in first-out: the queue gave us a later event of the same
     * time, so the head's payload runs and the payloads between move up by one.
     */
    private void shiftPayloads(Lane lane, int head, int slot) {
        int to = head;
        while (true) {
            int from = nextOf.get(to);
            handlers.set(to, handlers.get(from));
            ops.set(to, ops.get(from));
            args.set(to, args.get(from));
            if (from == slot) {
                nextOf.set(to, nextOf.get(slot));
                if (lane.tail.get() == slot) {
                    lane.tail.set(to);
                }
                return;
            }
            to = from;
        }
    }

    /** Runs until nothing is pending. */
    public void run() {
        while (step()) {
            // each step is one event
        }
    }

    /** Runs all events that are due up to and including {@code timePs}, then it is that time; timed runs only. */
    public void runUntil(long timePs) {
        while (choice.nextTime() <= timePs && step()) {
            // each step is one event
        }
        if (timePs > now.get()) {
            now.set(timePs);
        }
    }

    private int takeSlot() {
        int slot = freeHead.get();
        if (slot == 0) {
            int old = ops.length();
            grow(2 * old);
            addFreeSlots(old, 2 * old);
            slot = freeHead.get();
        }
        freeHead.set(nextOf.get(slot));
        return slot;
    }

    private void freeSlot(int slot) {
        handlers.set(slot, null);
        laneOf.set(slot, null);
        ops.set(slot, 0);
        args.set(slot, 0);
        nextOf.set(slot, freeHead.get());
        freeHead.set(slot);
    }

    private void grow(int capacity) {
        handlers.grow(capacity);
        laneOf.grow(capacity);
        ops.grow(capacity);
        args.grow(capacity);
        times.grow(capacity);
        nextOf.grow(capacity);
    }

    private void addFreeSlots(int from, int to) {
        for (int slot = to - 1; slot >= from; slot--) {
            nextOf.set(slot, freeHead.get());
            freeHead.set(slot);
        }
    }
}
