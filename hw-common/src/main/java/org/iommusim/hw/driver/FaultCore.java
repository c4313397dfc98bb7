package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;

/** Where drivers report page requests: the kernel's io-pgfault.c, which knows who is attached with a handler. */
public interface FaultCore {
    /**
     * {@code iommu_report_device_fault}: hands a page request to whoever handles it; if nobody does, it is answered by
     * {@link IommuDriver#pageResponse}.
     */
    Call<?> reportDeviceFault(IommuMaster master, IommuFault fault);
}
