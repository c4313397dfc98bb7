package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.junit.jupiter.api.Test;

class StandStillTest {
    private static final long ENOUGH = 10_000_000;

    /** Events until the stand-still is noticed, or {@link #ENOUGH}, of a lane that comes back after {@code delayPs}. */
    private static long eventsUntilNoticed(long delayPs) {
        Simulation sim = Simulation.seeded(1).build();
        Lane lane = sim.scheduler().newLane("again", Phase.HARDWARE);
        EventHandler[] again = new EventHandler[1];
        again[0] = (op, arg) -> sim.scheduler().after(lane, delayPs, again[0], 0, 0);
        again[0].onEvent(0, 0);
        StandStill watch = new StandStill();
        while (sim.scheduler().executed() < ENOUGH) {
            sim.scheduler().step();
            if (watch.due(sim.scheduler().executed()) && watch.look(sim.now())) {
                return sim.scheduler().executed();
            }
        }
        return ENOUGH;
    }

    @Test
    void shouldNoticeThatTimeDoesNotGoOn() {
        assertThat(eventsUntilNoticed(0)).isLessThan(ENOUGH);
    }

    @Test
    void shouldLetAnythingGoOnThatTakesTime() {
        assertThat(eventsUntilNoticed(1)).isEqualTo(ENOUGH);
    }
}
