package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeMap;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Preset;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.junit.jupiter.api.Test;

class VtdProviderTest {
    @Test
    void shouldBeFoundByItsKind() {
        assertThat(IommuProvider.find("vtd")).containsInstanceOf(VtdProvider.class);
        assertThat(IommuProvider.find("vtd").orElseThrow().simulated()).isTrue();
    }

    @Test
    void shouldSayWhereEachValueOfAMeasuredMachineIsFrom() {
        List<Preset> machines = new VtdProvider()
                .presets().stream().filter(p -> p.name().startsWith("xeon-")).toList();
        assertThat(machines).hasSize(5);
        for (Preset machine : machines) {
            assertThat(machine.sources().keySet()).isEqualTo(machine.values().keySet());
            assertThat(machine.sources().values()).noneMatch(String::isBlank);
        }
    }

    /** Latencies of one DMA at a time say nothing about these: no machine has a value of its own. */
    @Test
    void shouldHandleManyRequestsTheSameWayOnAllMeasuredMachines() {
        List<String> shared = List.of("walk_slots", "iotlb_fill_cycles", "in_order", "blocking_misses");
        assertThat(new VtdProvider()
                        .presets().stream()
                                .filter(p -> p.name().startsWith("xeon-"))
                                .map(p -> shared.stream().map(p.values()::get).toList())
                                .distinct())
                .hasSize(1);
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
        IommuProvider.IommuUnit unit = new VtdProvider().create(new IommuConfig("iommu0", "", new TreeMap<>()), host);
        assertThat(unit.device().kind()).isEqualTo("vtd");
        assertThat(unit.driver().device()).isSameAs(unit.device());
    }
}
