package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.abi.IommufdIoctl;

/** The ioctls on devices and hardware page tables. */
final class HwptIoctls {
    private HwptIoctls() {}

    static List<IoctlHandler> all() {
        return List.of(
                IoctlHandler.of(IommufdIoctl.DESTROY, DestroyObject::call),
                IoctlHandler.of(IommufdIoctl.GET_HW_INFO, GetHwInfo::call),
                IoctlHandler.of(IommufdIoctl.HWPT_ALLOC, HwptAlloc::call),
                IoctlHandler.of(IommufdIoctl.HWPT_SET_DIRTY_TRACKING, HwptSetDirtyTracking::call),
                IoctlHandler.of(IommufdIoctl.HWPT_GET_DIRTY_BITMAP, HwptGetDirtyBitmap::call),
                IoctlHandler.of(IommufdIoctl.HWPT_INVALIDATE, HwptInvalidate::call),
                IoctlHandler.of(IommufdIoctl.FAULT_QUEUE_ALLOC, FaultQueueAlloc::call));
    }
}
