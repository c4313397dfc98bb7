package org.iommusim.sim.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

class TimeTest {
    @Test
    void shouldPrintSpansInTheLargestUnitWithoutRoundingUp() {
        assertThat(Picoseconds.text(0)).isEqualTo("0 ps");
        assertThat(Picoseconds.text(999)).isEqualTo("999 ps");
        assertThat(Picoseconds.text(1_234_567)).isEqualTo("1.234 us");
        assertThat(Picoseconds.text(999_999)).isEqualTo("999.999 ns");
        assertThat(Picoseconds.text(-2_000_000_000_000L)).isEqualTo("-2.000 s");
        assertThat(Picoseconds.nanoseconds(1_234_567)).isEqualTo("1234.567");
        assertThat(Picoseconds.nanoseconds(5)).isEqualTo("0.005");
    }

    @Test
    void shouldRoundUpToClockEdges() {
        ClockDomain clock = new ClockDomain(500);
        assertThat(clock.edgeAtOrAfter(0)).isZero();
        assertThat(clock.edgeAtOrAfter(1)).isEqualTo(500);
        assertThat(clock.edgeAtOrAfter(500)).isEqualTo(500);
        assertThat(clock.cycles(7)).isEqualTo(3_500);
        assertThatThrownBy(() -> new ClockDomain(0)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The edges remember one; that must never show, wherever the time jumps to. */
    @Test
    void shouldGiveTheEdgesOfTheClockInAnyOrderOfTimes() {
        Gen gen = new Gen(1);
        for (long period : new long[] {1, 3, 500, 1000}) {
            ClockDomain clock = new ClockDomain(period);
            ClockEdges edges = new ClockEdges(clock);
            for (int i = 0; i < 10_000; i++) {
                long now = gen.below(20 * period);
                assertThat(edges.atOrAfter(now)).isEqualTo(clock.edgeAtOrAfter(now));
                assertThat(edges.after(now, 4)).isEqualTo(clock.edgeAtOrAfter(now) + 4 * period);
            }
        }
    }
}
