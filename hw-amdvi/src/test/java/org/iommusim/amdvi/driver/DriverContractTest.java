package org.iommusim.amdvi.driver;

import java.util.Map;
import org.iommusim.hw.contract.AttachContract;
import org.iommusim.hw.contract.Difference;
import org.iommusim.hw.contract.DriverVendor;
import org.iommusim.hw.contract.FunctionCacheContract;
import org.iommusim.hw.contract.NestingContract;
import org.iommusim.hw.contract.PageFaultContract;
import org.iommusim.hw.driver.DriverBed;
import org.junit.jupiter.api.Nested;

/** What every driver must do, by the driver of AMD-Vi: with guest tables, and where a unit has host tables only. */
class DriverContractTest {
    private static final DriverVendor GUEST_TABLES = new Amd("guest-tables", Map.of());
    private static final DriverVendor HOST_TABLES = new Amd(
            "host-tables",
            Map.of(
                    Difference.NO_PASIDS, "PASIDs need guest tables (EFR.GTSup)",
                    Difference.NO_NESTING, "nested tables are guest tables over host tables"));

    @Nested
    class Attach extends AttachContract {
        Attach() {
            super(GUEST_TABLES);
        }
    }

    @Nested
    class HostTables extends AttachContract {
        HostTables() {
            super(HOST_TABLES);
        }
    }

    @Nested
    class Nesting extends NestingContract {
        Nesting() {
            super(GUEST_TABLES);
        }
    }

    @Nested
    class FunctionCache extends FunctionCacheContract {
        FunctionCache() {
            super(GUEST_TABLES);
        }
    }

    @Nested
    class PageFaults extends PageFaultContract {
        PageFaults() {
            super(GUEST_TABLES);
        }
    }

    private record Amd(String preset, Map<Difference, String> differences) implements DriverVendor {
        @Override
        public DriverBed<?> bed() {
            return DriverTestbed.real(preset);
        }

        @Override
        public int idsInUse(DriverBed<?> bed) {
            AmdIommu iommu = ((DriverTestbed) bed).iommu();
            int count = 0;
            for (int id = 1; id < 1 << 10; id++) {
                count += iommu.domainIds.inUse(id) ? 1 : 0;
            }
            return count;
        }
    }
}
