package org.iommusim.sim.event;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;

/**
 * An ordering domain: one simulated CPU task, one command queue, one walk slot, one link direction, one timer. Events of
 * a lane run in the order in which they were scheduled, in a timed run and in an exploration alike. What may overtake
 * something else has a lane of its own.
 */
public final class Lane implements Identified {
    private final String name;
    private final int index;
    private final Phase phase;
    final IntCell head;
    final IntCell tail;

    Lane(String name, int index, Phase phase, IntCell head, IntCell tail) {
        this.name = name;
        this.index = index;
        this.phase = phase;
        this.head = head;
        this.tail = tail;
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
        return head.get() == 0;
    }

    @Override
    public long stableId() {
        return index + 1L;
    }

    @Override
    public String toString() {
        return name;
    }
}
