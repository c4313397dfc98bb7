package org.iommusim.sim.event;

import org.iommusim.sim.world.Cell;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * An ordering domain: one simulated CPU task, one command queue, one walk slot, one link direction, one timer. Events of
 * a lane run in the order in which they were scheduled, in a timed run and in an exploration alike. What may overtake
 * something else has a lane of its own.
 */
public final class Lane implements Identified {
    /** What waits on a lane: the scheduler tells of those who put something there. */
    private static final Variable CONTENT = Variable.privateTo("scheduler.lane");
    /** Which slots hold it: says nothing about the state. */
    private static final Variable SLOTS = Variable.unhashed("scheduler.bookkeeping");

    private final String name;
    private final int index;
    private final Phase phase;
    private final Ends ends;
    private final LongCell content;

    Lane(World world, String name, int index, Phase phase) {
        this.name = name;
        this.index = index;
        this.phase = phase;
        ends = new Ends(world, index);
        content = new LongCell(world, CONTENT, index + 1L, 0);
    }

    /** The lane's name, unique within its scheduler. */
    public String name() {
        return name;
    }

    /** Position in the order of creation, from 0. */
    public int index() {
        return index;
    }

    /** The lane's place among lanes at the same time. */
    public Phase phase() {
        return phase;
    }

    /** True if no event is pending here. */
    public boolean isEmpty() {
        return head() == PendingEvents.NONE;
    }

    /** The event that runs next. */
    int head() {
        return ends.head;
    }

    /** The event that was scheduled last. */
    int tail() {
        return ends.tail;
    }

    /** An event comes behind all others. */
    void append(int event) {
        ends.write(ends.head == PendingEvents.NONE ? event : ends.head, event);
    }

    /** The first event leaves; {@code next} comes after it. */
    void removeHead(int next) {
        ends.write(next, next == PendingEvents.NONE ? PendingEvents.NONE : ends.tail);
    }

    /** Another slot holds the event that was scheduled last. */
    void tail(int event) {
        ends.write(ends.head, event);
    }

    /** Notes what waits here, as a hash that is the same whatever slots it is in. */
    void content(long hash) {
        content.set(hash);
    }

    @Override
    public long stableId() {
        return index + 1L;
    }

    @Override
    public String toString() {
        return name;
    }

    /** First (index 0) and last (index 1) event, as one cell: both are written in one go. */
    private static final class Ends extends Cell {
        int head;
        int tail;

        Ends(World world, int index) {
            super(world, SLOTS, index);
        }

        void write(int newHead, int newTail) {
            if (watched()) {
                noteWrite(0, head, newHead);
                noteWrite(1, tail, newTail);
            }
            head = newHead;
            tail = newTail;
        }

        @Override
        protected long bitsAt(long index) {
            return index == 0 ? head : tail;
        }

        @Override
        protected void restore(long index, long bits, @Nullable Object reference) {
            if (index == 0) {
                head = (int) bits;
            } else {
                tail = (int) bits;
            }
        }
    }
}
