package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.junit.jupiter.api.Test;

class AmdViProviderTest {
    @Test
    void shouldBeFoundByItsKind() {
        assertThat(IommuProvider.find("amdvi")).containsInstanceOf(AmdViProvider.class);
        assertThat(IommuProvider.find("amdvi").orElseThrow().simulated()).isTrue();
    }

    @Test
    void shouldMakeADeviceAndItsDriver() {
        Simulation sim = Simulation.seeded(1).build();
        PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 32);
        memory.addRam(0, 1 << 20, PageOwner.FREE);
        IommuHost host = new IommuHost(
                sim,
                memory,
                new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(1_000)),
                new PageAllocator(sim.world(), memory, new MemoryRange(0, 1 << 20)));
        IommuProvider.IommuUnit unit = new AmdViProvider().create(new IommuConfig("iommu0", "", new TreeMap<>()), host);
        assertThat(unit.device().kind()).isEqualTo("amdvi");
        assertThat(unit.driver().device()).isSameAs(unit.device());
    }
}
