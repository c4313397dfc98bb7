package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.device.VdeviceVariants;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of IOMMU_VDEVICE_ALLOC, and the driver that shows one. */
public final class VdeviceAllocVariants {
    private static final String CALLS_DRIVER = "vdevice-6-13-calls-driver";

    /** Linux 6.17 to the middle of 2026 left igroup->lock locked on the way out; other kernels refuse in good order. */
    private static final Variant SIZE_TOO_SMALL = Variant.of(
            "vdevice-size-too-small",
            "B36",
            "the driver's vDEVICEs are smaller than the core's part of them",
            VdeviceAlloc.SIZE_TOO_SMALL,
            1);

    private static final Program<VdeviceAlloc> LINUX_6_13 =
            VdeviceAllocPrograms.LINUX_6_13.get(VdeviceAllocPrograms.SLOT);

    /** What Linux 6.13 would be with drivers whose vDEVICEs have state in hardware. */
    private static final Variant OLD_KERNEL_CALLS_DRIVER = Variant.of(
            CALLS_DRIVER,
            "B34",
            "Linux 6.13 calls the driver when a vDEVICE is made and destroyed",
            ProgramPatch.over(LINUX_6_13, CALLS_DRIVER)
                    .insertAfter("unlock xa_lock(vdevs)", VdeviceAllocSteps::driverInit)
                    .build(),
            VdeviceVariants.driverDestroyIn613(CALLS_DRIVER));

    private VdeviceAllocVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(SIZE_TOO_SMALL, OLD_KERNEL_CALLS_DRIVER);
    }
}
