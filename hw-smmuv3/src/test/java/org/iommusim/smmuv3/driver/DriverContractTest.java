package org.iommusim.smmuv3.driver;

import java.util.Map;
import org.iommusim.hw.contract.AttachContract;
import org.iommusim.hw.contract.Difference;
import org.iommusim.hw.contract.DriverVendor;
import org.iommusim.hw.contract.FunctionCacheContract;
import org.iommusim.hw.contract.NestingContract;
import org.iommusim.hw.contract.PageFaultContract;
import org.iommusim.hw.driver.DriverBed;
import org.junit.jupiter.api.Nested;

/** What every driver must do, by the driver of SMMUv3. */
class DriverContractTest {
    private static final DriverVendor VENDOR = new Smmu();

    @Nested
    class Attach extends AttachContract {
        Attach() {
            super(VENDOR);
        }
    }

    @Nested
    class Nesting extends NestingContract {
        Nesting() {
            super(VENDOR);
        }
    }

    @Nested
    class FunctionCache extends FunctionCacheContract {
        FunctionCache() {
            super(VENDOR);
        }
    }

    @Nested
    class PageFaults extends PageFaultContract {
        PageFaults() {
            super(VENDOR);
        }
    }

    private static final class Smmu implements DriverVendor {
        @Override
        public DriverBed<?> bed() {
            return DriverTestbed.real(Map.of("sid_bits", 8L, "ats", 1L));
        }

        @Override
        public int idsInUse(DriverBed<?> bed) {
            ArmSmmu smmu = ((DriverTestbed) bed).smmu();
            int count = 0;
            for (int id = 0; id < 1 << 8; id++) {
                count += (smmu.asids.inUse(id) ? 1 : 0) + (smmu.vmids.inUse(id) ? 1 : 0);
            }
            return count;
        }

        @Override
        public Map<Difference, String> differences() {
            return Map.of(Difference.NO_PASIDS, "domains of this driver are attached to functions only");
        }
    }
}
