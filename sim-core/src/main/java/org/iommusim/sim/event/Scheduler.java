package org.iommusim.sim.event;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
    private static final Variable BOOKKEEPING = Variable.unhashed("scheduler.bookkeeping");

    private final World world;
    private final LaneChoice choice;
    /** Times order events; in an exploration they are labels. */
    private boolean timed;
    /** Told of lanes that are given work; only in an exploration by lanes. */
    private @Nullable LaneListener laneListener;

    private @Nullable Lane running;

    private final List<Lane> lanes = new ArrayList<>();
    private final List<Lane> lanesView = Collections.unmodifiableList(lanes);
    private final Progress progress;
    private final PendingEvents pending;

    /** Makes a scheduler whose pending events are cells of {@code world}. */
    public Scheduler(World world, LaneChoice choice) {
        this.world = world;
        this.choice = choice;
        timed = choice.timed();
        progress = new Progress(world, BOOKKEEPING, 1);
        pending = new PendingEvents(world, BOOKKEEPING, 2);
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
        Lane lane = new Lane(world, name, lanes.size(), phase);
        lanes.add(lane);
        return lane;
    }

    /** All lanes in the order of their creation. */
    public List<Lane> lanes() {
        return lanesView;
    }

    /** Current simulated time, ps. In an exploration this is a label: the largest time seen. */
    public long now() {
        return progress.now();
    }

    /** Number of events run so far. */
    public long executed() {
        return progress.executed();
    }

    /**
     * From now on somebody outside says which lane runs next ({@link #runHead}); times become labels. What has run so far
     * stays as it is. For good: there is no way back to a timed run.
     *
     * @param listener told whenever an event schedules something or takes it back
     */
    public void explore(LaneListener listener) {
        timed = false;
        laneListener = listener;
        world.startJournaling();
        for (Lane lane : lanes) {
            lane.content(pending.content(lane.head()));
        }
    }

    /** Runs the first event of a lane that has one; only after {@link #explore}. */
    public void runHead(Lane lane) {
        int head = lane.head();
        EventHandler handler = pending.handler(head);
        int op = pending.op(head);
        long arg = pending.arg(head);
        long due = pending.time(head);
        lane.removeHead(pending.next(head));
        pending.free(head);
        lane.content(pending.content(lane.head()));
        progress.run(due);
        running = lane;
        handler.onEvent(op, arg);
        running = null;
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
        int last = lane.tail();
        boolean occupied = last != PendingEvents.NONE;
        if (!timed) {
            // Times are labels here: another lane may have pushed the label past this lane's own.
            due = Math.max(due, occupied ? pending.time(last) : now());
        } else if (due < now() || occupied && due < pending.time(last)) {
            throw new IllegalArgumentException("lane " + lane + " is FIFO: an event at " + timePs + " ps comes before "
                    + (occupied && due < pending.time(last) ? "its tail at " + pending.time(last) : "now, " + now())
                    + " ps");
        }
        int slot = pending.add(lane, due, handler, op, arg);
        if (occupied) {
            pending.next(last, slot);
        }
        lane.append(slot);
        if (laneListener == null) {
            choice.added(slot, lane, due);
        } else {
            changed(lane);
        }
    }

    /** Takes back the only pending event of a lane, if there is one: for timers, which have a lane of their own. */
    public void cancel(Lane lane) {
        int slot = lane.head();
        if (slot == PendingEvents.NONE) {
            return;
        }
        if (pending.next(slot) != PendingEvents.NONE) {
            throw new IllegalStateException(
                    "lane " + lane + " has several events; only a timer's lane can be cancelled");
        }
        lane.removeHead(PendingEvents.NONE);
        if (laneListener == null) {
            choice.cancelled(slot);
        }
        pending.free(slot);
        if (laneListener != null) {
            changed(lane);
        }
    }

    /** In an exploration: what waits on a lane is part of the state. */
    private void changed(Lane lane) {
        lane.content(pending.content(lane.head()));
        if (laneListener != null) {
            laneListener.changed(lane, lane == running);
        }
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
        Lane lane = pending.lane(slot);
        int head = lane.head();
        EventHandler handler = pending.handler(head);
        int op = pending.op(head);
        long arg = pending.arg(head);
        long due = pending.time(head);
        if (head == slot) {
            lane.removeHead(pending.next(slot));
        } else {
            shiftPayloads(lane, head, slot);
        }
        pending.free(slot);
        progress.run(due);
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
            int from = pending.next(to);
            pending.movePayload(from, to);
            if (from == slot) {
                pending.next(to, pending.next(slot));
                if (lane.tail() == slot) {
                    lane.tail(to);
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
        progress.reach(timePs);
    }
}
