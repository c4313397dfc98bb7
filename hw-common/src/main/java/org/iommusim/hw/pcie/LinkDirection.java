package org.iommusim.hw.pcie;

import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.world.Timing;

/** One direction of a link: packets go one behind the other and arrive in order. */
final class LinkDirection {
    private final Scheduler scheduler;
    private final LinkTiming timing;
    private final Lane lane;

    @Timing
    private long freeAt;

    LinkDirection(Scheduler scheduler, String name, LinkTiming timing) {
        this.scheduler = scheduler;
        this.timing = timing;
        lane = scheduler.newLane(name, Phase.HARDWARE);
    }

    /** Sends a packet; {@code handler.onEvent(op, arg)} runs when its last byte has arrived. */
    void send(int payloadBytes, EventHandler handler, int op, long arg) {
        freeAt = Math.max(scheduler.now(), freeAt) + timing.occupancyPs(payloadBytes);
        scheduler.at(lane, freeAt + timing.latencyPs(), handler, op, arg);
    }
}
