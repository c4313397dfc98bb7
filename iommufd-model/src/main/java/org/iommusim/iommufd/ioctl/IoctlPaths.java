package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.sim.program.Program;

/** The programs of the ioctls on vDEVICEs, for whoever reads them. */
public final class IoctlPaths {
    private IoctlPaths() {}

    /** IOMMU_VDEVICE_ALLOC. */
    public static List<Program<?>> vdeviceAlloc(ProgramSet programs) {
        return List.of(programs.get(VdeviceAllocPrograms.SLOT));
    }

    /** IOMMU_HWPT_INVALIDATE as far as the core; the driver's part looks devices up by the policy's rules. */
    public static List<Program<?>> invalidate() {
        return List.of(HwptInvalidate.PROGRAM, HwptInvalidate.CHECKED);
    }
}
