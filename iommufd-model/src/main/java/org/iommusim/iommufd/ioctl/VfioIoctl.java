package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.file.Answer;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.LongCell;

/** {@code iommufd_vfio_ioctl} (vfio_compat.c): what a VFIO container understands. */
final class VfioIoctl {
    private VfioIoctl() {}

    /**
     * The handler of a command that is not in the table. Error: ENOTTY.
     *
     * @param argument a number or a pointer
     * @param result what the call answers if it succeeds
     */
    static Call<?> call(IommufdCtx ctx, Caller caller, int number, long argument, LongCell result) {
        return Answer.of(ctx.kernel(), Errno.ENOTTY);
    }
}
