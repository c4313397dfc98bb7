package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.abi.IommufdIoctl;

/** The ioctls on address spaces and options. */
final class IoasIoctls {
    private IoasIoctls() {}

    static List<IoctlHandler> all() {
        return List.of(
                IoctlHandler.of(IommufdIoctl.IOAS_ALLOC, IoasAlloc::call),
                IoctlHandler.of(IommufdIoctl.IOAS_MAP, IoasMap::call),
                IoctlHandler.of(IommufdIoctl.IOAS_UNMAP, IoasUnmap::call));
    }
}
