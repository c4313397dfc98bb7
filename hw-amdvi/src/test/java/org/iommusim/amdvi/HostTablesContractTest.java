package org.iommusim.amdvi;

import org.iommusim.hw.contract.AtsContract;
import org.iommusim.hw.contract.CacheContract;
import org.iommusim.hw.contract.DeviceContract;
import org.iommusim.hw.contract.FaultContract;
import org.iommusim.hw.contract.MessageContract;
import org.iommusim.hw.contract.PageRequestContract;
import org.iommusim.hw.contract.RepeatContract;
import org.iommusim.hw.contract.StalenessContract;
import org.iommusim.hw.contract.Vendor;
import org.junit.jupiter.api.Nested;

/** What every IOMMU must do, by host tables. */
class HostTablesContractTest {
    private static final Vendor VENDOR = ContractBed.Way.HOST.vendor();

    @Nested
    class Device extends DeviceContract {
        Device() {
            super(VENDOR);
        }
    }

    @Nested
    class Caches extends CacheContract {
        Caches() {
            super(VENDOR);
        }
    }

    @Nested
    class Faults extends FaultContract {
        Faults() {
            super(VENDOR);
        }
    }

    @Nested
    class Ats extends AtsContract {
        Ats() {
            super(VENDOR);
        }
    }

    @Nested
    class PageRequests extends PageRequestContract {
        PageRequests() {
            super(VENDOR);
        }
    }

    @Nested
    class Messages extends MessageContract {
        Messages() {
            super(VENDOR);
        }
    }

    @Nested
    class Staleness extends StalenessContract {
        Staleness() {
            super(VENDOR);
        }
    }

    @Nested
    class Repeat extends RepeatContract {
        Repeat() {
            super(VENDOR);
        }
    }
}
