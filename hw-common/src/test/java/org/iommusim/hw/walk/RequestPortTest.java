package org.iommusim.hw.walk;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.time.ClockDomain;
import org.junit.jupiter.api.Test;

class RequestPortTest {
    private static final EventHandler NOBODY = (op, arg) -> {};

    private final Simulation sim = Simulation.seeded(1).build();
    private final MemoryPort memory =
            new MemoryPort(sim.scheduler(), "memory", new MemoryTiming(100_000, 10_000, 0, 0, 4096, 4));
    private final RequestPort port =
            new RequestPort(sim.scheduler(), "port", new ClockDomain(1000), 64, WakeRule.HAND_OVER, memory);
    private final Lane lane = sim.scheduler().newLane("lane", Phase.HARDWARE);

    private long table() {
        long begin = sim.now();
        port.readTable(lane, 0x40, 8, NOBODY, 0, 0);
        sim.scheduler().run();
        return sim.now() - begin;
    }

    private long other() {
        long begin = sim.now();
        port.read(lane, 0x40, 8, NOBODY, 0, 0);
        sim.scheduler().run();
        return sim.now() - begin;
    }

    @Test
    void shouldFindTablesInTheLastLevelCache() {
        assertThat(table()).isEqualTo(101_000);
        assertThat(table()).isEqualTo(11_000);
    }

    @Test
    void shouldReadTablesPastTheLastLevelCacheAndNothingElse() {
        port.tablesPastCache();
        assertThat(other()).isEqualTo(101_000);
        assertThat(table()).isEqualTo(101_000);
        assertThat(other()).isEqualTo(11_000);
    }
}
