package org.iommusim.iommufd.kernels;

import org.iommusim.iommufd.device.IdevPrograms;
import org.iommusim.iommufd.device.VdevicePrograms;
import org.iommusim.iommufd.ioctl.VdeviceAllocPrograms;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.policy.ObjectRules;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.iommufd.policy.VdeviceRules;

/** Kernels that were released. */
final class Mainline {
    private static final ProgramSet PROGRAMS_6_13 =
            VdeviceAllocPrograms.LINUX_6_13.and(VdevicePrograms.LINUX_6_13).and(IdevPrograms.INDEPENDENT);
    private static final ProgramSet PROGRAMS_6_17 =
            VdeviceAllocPrograms.LINUX_6_17.and(VdevicePrograms.LINUX_6_17).and(IdevPrograms.LINUX_6_17);
    private static final ProgramSet PROGRAMS_7_3 =
            VdeviceAllocPrograms.LINUX_7_3.and(VdevicePrograms.LINUX_6_17).and(IdevPrograms.LINUX_7_3);

    /** Version 7 of the series as merged, in force to 6.16. */
    static final LifecyclePolicy LINUX_6_13 = new LifecyclePolicy(
            "linux-6.13",
            "as v5-review, but a virtual id that is taken answers EEXIST and nobody warns of it",
            false,
            "v7 of 'Add IOMMUFD_OBJ_VDEVICE' (November 2024), in force in Linux 6.13 to 6.16",
            ObjectRules.LINUX_6_13,
            VdeviceRules.NOTHING.onDevice(),
            PROGRAMS_6_13,
            PolicyPaths.of(PROGRAMS_6_13),
            Deviations.INDEPENDENT_VDEVICE);

    /** Version 6 of 'Destroy vdevice on idevice destroy' as merged. */
    static final LifecyclePolicy LINUX_6_17 = new LifecyclePolicy(
            "linux-6.17",
            "unbind destroys a live vDEVICE, found by its id, and leaves a tombstone",
            false,
            "v6 of 'Destroy vdevice on idevice destroy' (July 2025), in force from Linux 6.17",
            ObjectRules.LINUX_6_17,
            VdeviceRules.NOTHING.on(VdeviceRules.OnIdev.REFERENCE).withDriver(),
            PROGRAMS_6_17,
            PolicyPaths.of(PROGRAMS_6_17),
            Deviations.LINUX_6_17);

    /** A vDEVICE is published only when its driver has initialised it, and unbind finds it by its address. */
    static final LifecyclePolicy LINUX_7_3 = new LifecyclePolicy(
            "linux-7.3",
            "unbind destroys a live vDEVICE and leaves a tombstone at its id",
            false,
            "Linux 7.3.4, drivers/iommu/iommufd",
            ObjectRules.LINUX_6_17,
            VdeviceRules.NOTHING.on(VdeviceRules.OnIdev.REFERENCE).withDriver(),
            PROGRAMS_7_3,
            PolicyPaths.of(PROGRAMS_7_3),
            Deviations.LINUX_6_17);

    private Mainline() {}
}
