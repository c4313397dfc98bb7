package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
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
        IommuProvider.IommuUnit unit =
                new AmdViProvider().create(new IommuConfig("iommu0", "", new TreeMap<>()), host());
        assertThat(unit.device().kind()).isEqualTo("amdvi");
        assertThat(unit.driver().device()).isSameAs(unit.device());
    }

    @Test
    void shouldMakeAUnitThatOffersWhatItsIdentificationSays() {
        IommuDevice unit = identified(0x29d3);
        assertThat(unit.name()).isEqualTo("recorded");
        assertThat(unit.mmioRead(Reg.EFR, 8)).isEqualTo(0x29d3);
        assertThatThrownBy(() -> identified(0x29d3 | Efr.SMIF_SUP.with(0, 1)))
                .isInstanceOf(IommuConfigException.class)
                .hasMessageContaining("SMIF_SUP");
    }

    private static IommuDevice identified(long efr) {
        return new AmdViProvider().createFromIdentification("recorded", new TreeMap<>(Map.of("EFR", efr)), host());
    }

    private static IommuHost host() {
        Simulation sim = Simulation.seeded(1).build();
        PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 32);
        memory.addRam(0, 1 << 20, PageOwner.FREE);
        return new IommuHost(
                sim,
                memory,
                new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(1_000)),
                new PageAllocator(sim.world(), memory, new MemoryRange(0, 1 << 20)));
    }
}
