package org.iommusim.iommufd.ioctl;

import java.util.function.Function;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructLayout;
import org.iommusim.sim.program.Call;

/**
 * An entry of the dispatch table ({@code struct iommufd_ioctl_op}).
 *
 * @param number the whole command number
 * @param layout its structure
 * @param execute makes the handler's program and frame of a command; may block, fail and leave a new object
 */
public record IoctlHandler(int number, StructLayout layout, Function<Ucmd, Call<?>> execute) {
    /** The handler of an ioctl of the uAPI. */
    public static IoctlHandler of(IommufdIoctl ioctl, Function<Ucmd, Call<?>> execute) {
        return new IoctlHandler(ioctl.number(), ioctl.layout(), execute);
    }
}
