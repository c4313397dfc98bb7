package org.iommusim.iommufd.selftest;

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
import org.jspecify.annotations.Nullable;

/**
 * The mock as hardware for PCI functions: it has no registers and no caches, takes no time, and asks the domain that a
 * function is attached to. A nested domain translates nothing by itself: its parent does.
 */
final class MockIommu implements IommuDevice {
    private final Simulation simulation;
    private final MockDriver driver;
    private final String name;
    private final WaitQueue changed;

    MockIommu(Simulation simulation, MockDriver driver, String name) {
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
        return "mock";
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
        MockPagingDomain domain = domainOf(request.requesterId());
        long physical = domain == null ? -1 : domain.iovaToPhys(request.iova());
        int wanted = request.write() ? PagingDomain.PROT_WRITE : PagingDomain.PROT_READ;
        if (domain == null || physical < 0 || (domain.protection(request.iova()) & wanted) == 0) {
            request.fail(DmaOutcome.FAULT);
        } else {
            if (request.write()) {
                domain.written(request.iova());
            }
            request.translated(DmaOutcome.OK, physical, simulation.now());
        }
        completion.completed(request);
    }

    private @Nullable MockPagingDomain domainOf(int requesterId) {
        for (MockMaster master : driver.devices().items()) {
            if (master.isFunction(requesterId)) {
                return paging(master.domain());
            }
        }
        return null;
    }

    private static @Nullable MockPagingDomain paging(IommuDomain domain) {
        if (domain instanceof MockNestedDomain nested) {
            return nested.parent();
        }
        return domain instanceof MockPagingDomain paging ? paging : null;
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
