package org.iommusim.sim.time;

/**
 * The edges of a clock, for a component that schedules by them again and again: it remembers the last edge that it worked
 * out, because most events are at an edge and the division costs more than the rest. What it remembers is checked before
 * it is used, so it is not part of the state of a world.
 */
public final class ClockEdges {
    private final ClockDomain clock;
    private long edge;

    /** The edges of a clock. */
    public ClockEdges(ClockDomain clock) {
        this.clock = clock;
    }

    /** The first edge at or after {@code now} (ps); see {@link ClockDomain#edgeAtOrAfter}. */
    public long atOrAfter(long now) {
        if (now > edge || edge - now >= clock.psPerCycle()) {
            edge = clock.edgeAtOrAfter(now);
        }
        return edge;
    }

    /** As many cycles after the first edge at or after {@code now}, ps. */
    public long after(long now, long cycles) {
        return atOrAfter(now) + clock.cycles(cycles);
    }
}
