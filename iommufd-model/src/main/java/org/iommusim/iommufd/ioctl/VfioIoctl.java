package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.VfioCompatIoctl;
import org.iommusim.iommufd.file.Answer;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.LongCell;

/** {@code iommufd_vfio_ioctl} (vfio_compat.c): what a VFIO container understands. */
final class VfioIoctl {
    private VfioIoctl() {}

    /**
     * The handler of a command that is not in the table. Error: ENOTTY, for dirty tracking too: it is obsolete here.
     *
     * @param argument a number or a pointer
     * @param result what the call answers if it succeeds
     */
    static Call<?> call(IommufdCtx ctx, Caller caller, int number, long argument, LongCell result) {
        VfioCompatIoctl command = VfioCompatIoctl.find(number).orElse(VfioCompatIoctl.VFIO_IOMMU_DIRTY_PAGES);
        return switch (command) {
            case VFIO_GET_API_VERSION -> Answer.of(ctx.kernel(), 0, result);
            case VFIO_CHECK_EXTENSION -> VfioContainer.checkExtension(ctx, caller, argument, result);
            case VFIO_SET_IOMMU -> VfioContainer.setIommu(ctx, caller, argument, result);
            case VFIO_IOMMU_GET_INFO -> VfioGetInfo.call(ctx, caller, argument);
            case VFIO_IOMMU_MAP_DMA -> VfioMapDma.call(ctx, caller, argument);
            case VFIO_IOMMU_UNMAP_DMA -> VfioUnmapDma.call(ctx, caller, argument);
            case VFIO_IOMMU_DIRTY_PAGES -> Answer.of(ctx.kernel(), Errno.ENOTTY);
        };
    }
}
