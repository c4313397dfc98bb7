package org.iommusim.vtd.driver;

import java.util.Map;
import org.iommusim.hw.contract.AttachContract;
import org.iommusim.hw.contract.Difference;
import org.iommusim.hw.contract.DriverVendor;
import org.iommusim.hw.contract.FunctionCacheContract;
import org.iommusim.hw.contract.NestingContract;
import org.iommusim.hw.contract.PageFaultContract;
import org.iommusim.hw.driver.DriverBed;
import org.junit.jupiter.api.Nested;

/** What every driver must do, by the driver of VT-d: in scalable mode, and where a unit has legacy mode only. */
class DriverContractTest {
    private static final DriverVendor SCALABLE = new Vtd("scalable", Map.of());
    private static final Map<Difference, String> OLD = Map.of(
            Difference.NO_PASIDS, "legacy mode blocks requests with PASID (RTA.2)",
            Difference.NO_NESTING, "a first stage over a second needs PASID entries");

    @Nested
    class Attach extends AttachContract {
        Attach() {
            super(SCALABLE);
        }
    }

    @Nested
    class Legacy extends AttachContract {
        Legacy() {
            super(new Vtd("legacy", OLD));
        }
    }

    @Nested
    class CachingMode extends AttachContract {
        CachingMode() {
            super(new Vtd("caching-mode", OLD));
        }
    }

    @Nested
    class Nesting extends NestingContract {
        Nesting() {
            super(SCALABLE);
        }
    }

    @Nested
    class FunctionCache extends FunctionCacheContract {
        FunctionCache() {
            super(SCALABLE);
        }
    }

    @Nested
    class PageFaults extends PageFaultContract {
        PageFaults() {
            super(SCALABLE);
        }
    }

    private record Vtd(String preset, Map<Difference, String> differences) implements DriverVendor {
        @Override
        public DriverBed<?> bed() {
            return DriverTestbed.real(preset);
        }

        @Override
        public int idsInUse(DriverBed<?> bed) {
            IntelIommu iommu = ((DriverTestbed) bed).iommu();
            int count = 0;
            for (int id = IntelIommu.FIRST_DID; id < iommu.cap().domainIds(); id++) {
                count += iommu.domainIds.inUse(id) ? 1 : 0;
            }
            return count;
        }
    }
}
