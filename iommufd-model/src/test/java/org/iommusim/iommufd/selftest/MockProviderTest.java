package org.iommusim.iommufd.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.iommufd.testkit.Rig;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.world.RefCell;
import org.junit.jupiter.api.Test;

/** The mock as an IOMMU of a scenario: DMA goes where its page tables say. */
class MockProviderTest {
    private static final long IOVA = 0x1000000;
    private static final long MEMORY = 0x40000;

    private final Rig rig = new Rig();
    private final MemoryPort port = new MemoryPort(rig.simulation.scheduler(), "memory", MemoryTiming.fixed(1000));
    private final IommuProvider.IommuUnit unit = IommuProvider.find("mock")
            .orElseThrow()
            .create(
                    new IommuConfig("mock0", "", new TreeMap<>()),
                    new IommuHost(rig.simulation, rig.memory, port, rig.pages));
    private final PciFunction function = new PciFunction(
            rig.simulation.world(),
            "nic",
            0x300,
            new RootPort(rig.simulation, "rp0", unit.device(), rig.memory, port, LinkTiming.NONE));

    private <T> RefCell<T> ref() {
        var world = rig.simulation.world();
        return new RefCell<>(world, Frame.FRAME, world.nextInstance());
    }

    private DmaOutcome access(boolean write, long iova) {
        DmaRequest request = new DmaRequest();
        request.begin(1, function.requesterId(), DmaRequest.NO_PASID, iova, 8, write, rig.simulation.now());
        unit.device().accept(request, r -> {});
        return request.outcome();
    }

    private int maxPasids(long parameter) {
        var unit = IommuProvider.find("mock")
                .orElseThrow()
                .create(
                        new IommuConfig("mock1", "", new TreeMap<>(Map.of("pasids", parameter))),
                        new IommuHost(rig.simulation, rig.memory, port, rig.pages));
        RefCell<IommuMaster> master = ref();
        assertThat(rig.run(unit.driver().probeDevice(function, master))).isZero();
        return master.require().maxPasids();
    }

    @Test
    void devicesHavePasidsIfTheScenarioSaysSo() {
        assertThat(maxPasids(0)).isZero();
        assertThat(maxPasids(1)).isEqualTo(1 << 20);
    }

    @Test
    void dmaGoesThroughTheAttachedDomain() {
        RefCell<IommuMaster> master = ref();
        RefCell<IommuDomain> domain = ref();
        assertThat(rig.run(unit.driver().probeDevice(function, master))).isZero();
        assertThat(access(false, IOVA)).isEqualTo(DmaOutcome.FAULT);
        assertThat(rig.run(unit.driver().domainAllocPagingFlags(master.require(), 0, UserData.NONE, domain)))
                .isZero();
        PagingDomain paging = (PagingDomain) domain.require();
        assertThat(rig.run(paging.mapPages(IOVA, MEMORY, 4096, PagingDomain.PROT_READ)))
                .isZero();
        assertThat(rig.run(unit.driver().attachDev(master.require(), paging))).isZero();
        assertThat(access(false, IOVA + 8)).isEqualTo(DmaOutcome.OK);
        assertThat(access(true, IOVA + 8)).isEqualTo(DmaOutcome.FAULT);
        assertThat(access(false, IOVA + 4096)).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    void nobodyHasBuiltOne() {
        assertThat(IommuProvider.find("mock").orElseThrow().architected()).isFalse();
    }
}
