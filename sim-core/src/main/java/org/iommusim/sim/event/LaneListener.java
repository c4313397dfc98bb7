package org.iommusim.sim.event;

/** Hears, in an exploration, of lanes on which something was scheduled or taken back. */
public interface LaneListener {
    /**
     * What waits on this lane was changed.
     *
     * @param own true if an event of the same lane did it, false if one of another lane did
     */
    void changed(Lane lane, boolean own);
}
