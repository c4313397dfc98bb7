package org.iommusim.sim.time;

/**
 * A clock: how many picoseconds one cycle takes. Every component has one; parameters given in cycles become time only
 * through it.
 *
 * @param psPerCycle length of a cycle in ps, at least 1
 */
public record ClockDomain(long psPerCycle) {
    /** A 1 GHz clock: one cycle is one nanosecond. */
    public static final ClockDomain GHZ_1 = new ClockDomain(1_000);

    /** Checks the length of a cycle. */
    public ClockDomain {
        if (psPerCycle < 1) {
            throw new IllegalArgumentException("a clock cycle takes at least 1 ps, not " + psPerCycle);
        }
    }

    /** Length of {@code cycles} cycles in ps. */
    public long cycles(long cycles) {
        return Math.multiplyExact(cycles, psPerCycle);
    }

    /** The first clock edge at or after {@code now} (ps). */
    public long edgeAtOrAfter(long now) {
        long into = now % psPerCycle;
        return into == 0 ? now : now + psPerCycle - into;
    }
}
