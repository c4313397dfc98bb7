package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.abi.IommufdIoctl;

/** The ioctls on vIOMMUs, their devices and queues. */
final class ViommuIoctls {
    private ViommuIoctls() {}

    static List<IoctlHandler> all() {
        return List.of(
                IoctlHandler.of(IommufdIoctl.VIOMMU_ALLOC, ViommuAlloc::call),
                IoctlHandler.of(IommufdIoctl.VDEVICE_ALLOC, VdeviceAlloc::call),
                IoctlHandler.of(IommufdIoctl.VEVENTQ_ALLOC, VeventqAlloc::call),
                IoctlHandler.of(IommufdIoctl.HW_QUEUE_ALLOC, HwQueueAlloc::call));
    }
}
