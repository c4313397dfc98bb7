package org.iommusim.hw.pipeline;

import org.iommusim.hw.dma.DmaSource;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.time.ClockEdges;
import org.jspecify.annotations.Nullable;

/** The source that found no room at a door, and is told once when it may try again. */
public final class RefusedSource implements EventHandler {
    private final Scheduler scheduler;
    private final ClockEdges edges;
    private final Lane lane;
    private @Nullable DmaSource source;
    private boolean pending;

    /**
     * Nobody yet.
     *
     * @param edges of the clock at which the source is told
     * @param lane on which it is
     */
    public RefusedSource(Scheduler scheduler, ClockEdges edges, Lane lane) {
        this.scheduler = scheduler;
        this.edges = edges;
        this.lane = lane;
    }

    /** Somebody found no room. */
    public void refuse(DmaSource who) {
        source = who;
    }

    /**
     * Something has left, or a slot has become free: whoever was refused may try again at the next cycle. There is one such
     * event at a time, so that it may come too early, and then there is another.
     */
    public void invite() {
        if (source != null && !pending) {
            pending = true;
            scheduler.at(lane, edges.after(scheduler.now(), 1), this, 0, 0);
        }
    }

    @Override
    public void onEvent(int op, long arg) {
        pending = false;
        DmaSource who = source;
        source = null;
        if (who != null) {
            who.retry();
        }
    }
}
