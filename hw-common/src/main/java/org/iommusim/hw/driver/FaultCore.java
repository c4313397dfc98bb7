package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.jspecify.annotations.Nullable;

/** Where drivers report page requests: the kernel's io-pgfault.c, which knows who is attached with a handler. */
public interface FaultCore {
    /**
     * {@code iommu_report_device_fault}: hands a page request to whoever handles it; if nobody does, it is answered by
     * {@link IommuDriver#pageResponse}.
     */
    Call<?> reportDeviceFault(IommuMaster master, IommuFault fault);

    /**
     * {@code iopf_queue_add_device}, for drivers with {@link IommuDriver#ownsFaultQueue}: a device's page requests are
     * expected from now on. {@code null} if there is nothing to do.
     */
    default @Nullable Call<?> queueAddDevice(IommuMaster master) {
        return null;
    }

    /**
     * {@code iopf_queue_remove_device}: takes one {@link #queueAddDevice} back, and answers what nobody has taken over.
     * {@code null} if there is nothing to do.
     */
    default @Nullable Call<?> queueRemoveDevice(IommuMaster master) {
        return null;
    }
}
