package org.iommusim.iommufd.testkit;

import java.util.List;
import org.iommusim.hw.dma.DmaCompletion;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.iommu.InterruptSink;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.WaitQueue;

/** Hardware that asks the driver's Java maps, at once. */
final class FakeIommu implements IommuDevice {
    private final Simulation simulation;
    private final FakeDriver driver;
    private final String name;
    private final WaitQueue changed;

    FakeIommu(Simulation simulation, FakeDriver driver, String name) {
        this.simulation = simulation;
        this.driver = driver;
        this.name = name;
        changed = new WaitQueue(simulation.world(), name + " changed");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String kind() {
        return "fake";
    }

    @Override
    public long mmioBytes() {
        return 0;
    }

    @Override
    public long mmioRead(long offset, int bytes) {
        return 0;
    }

    @Override
    public void mmioWrite(long offset, int bytes, long value) {}

    @Override
    public void accept(DmaRequest request, DmaCompletion completion) {
        long physical = -1;
        for (FakeMaster master : driver.masters) {
            if (master.function().requesterId() == request.requesterId()) {
                physical = translate(master.domain, request.iova());
            }
        }
        if (physical < 0) {
            request.fail(DmaOutcome.FAULT);
        } else {
            request.translated(DmaOutcome.OK, physical, simulation.now());
        }
        completion.completed(request);
    }

    private static long translate(IommuDomain domain, long iova) {
        if (domain instanceof FakeNested nested) {
            return nested.parent().iovaToPhys(iova);
        }
        return switch (domain.type()) {
            case PAGING -> ((PagingDomain) domain).iovaToPhys(iova);
            case IDENTITY -> iova;
            default -> -1;
        };
    }

    @Override
    public void connectInterrupts(InterruptSink sink) {}

    @Override
    public WaitQueue changed() {
        return changed;
    }

    @Override
    public List<String> units() {
        return List.of();
    }
}
