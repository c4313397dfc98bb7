package org.iommusim.sim.event;

/** Hears, in an exploration, of lanes on which somebody else's event scheduled something or took it back. */
public interface LaneListener {
    /** What waits on this lane was changed by an event of another lane. */
    void changed(Lane lane);
}
