package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.abi.IommufdIoctl;

/** The ioctls on address spaces and options. */
final class IoasIoctls {
    private IoasIoctls() {}

    static List<IoctlHandler> all() {
        return List.of(
                IoctlHandler.of(IommufdIoctl.IOAS_ALLOC, IoasAlloc::call),
                IoctlHandler.of(IommufdIoctl.IOAS_ALLOW_IOVAS, IoasAllowIovas::call),
                IoctlHandler.of(IommufdIoctl.IOAS_COPY, IoasCopy::call),
                IoctlHandler.of(IommufdIoctl.IOAS_IOVA_RANGES, IoasIovaRanges::call),
                IoctlHandler.of(IommufdIoctl.IOAS_MAP, IoasMap::call),
                IoctlHandler.of(IommufdIoctl.IOAS_MAP_FILE, IoasMapFile::call),
                IoctlHandler.of(IommufdIoctl.IOAS_UNMAP, IoasUnmap::call),
                IoctlHandler.of(IommufdIoctl.IOAS_CHANGE_PROCESS, IoasChangeProcess::call),
                IoctlHandler.of(IommufdIoctl.IOAS_NOIOMMU_GET_PA, NoiommuGetPa::call),
                IoctlHandler.of(IommufdIoctl.OPTION, IommuOption::call),
                IoctlHandler.of(IommufdIoctl.VFIO_IOAS, VfioIoas::call));
    }
}
