package org.iommusim.iommufd.kernels;

import java.util.List;
import org.iommusim.iommufd.device.IdevPrograms;
import org.iommusim.iommufd.device.VdevicePrograms;
import org.iommusim.iommufd.ioctl.VdeviceAllocPrograms;
import org.iommusim.iommufd.policy.Deviation;
import org.iommusim.iommufd.policy.FinalizeRule;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.policy.ObjectRules;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.iommufd.policy.VdeviceRules;

/** Kernels that were proposed and not taken as they were. Those that only a difference or a sentence describes are reconstructed. */
final class Proposals {
    private static final ProgramSet REVIEW =
            VdeviceAllocPrograms.V5_REVIEW.and(VdevicePrograms.V5_REVIEW).and(IdevPrograms.INDEPENDENT);
    private static final VdeviceRules INDEPENDENT = VdeviceRules.NOTHING.onDevice();

    /** A vDEVICE holds its idev, and unbind removes it. */
    static final LifecyclePolicy V5_POSTED = published(
            "v5-posted",
            "a vDEVICE holds its device's object; unbind removes it by its id and does not look whether that worked",
            "v5 of 'Add IOMMUFD_OBJ_VDEVICE' (25 October 2024) as posted",
            ObjectRules.LINUX_6_12,
            VdeviceRules.NOTHING.on(VdeviceRules.OnIdev.USERS),
            VdeviceAllocPrograms.V5_POSTED.and(VdevicePrograms.V5_POSTED).and(IdevPrograms.V5_POSTED),
            Deviations.FORCED_REMOVAL);

    /** The struct device instead of the idev, and no lock. */
    static final LifecyclePolicy V5_REVIEW = published(
            "v5-review",
            "a vDEVICE holds the struct device and survives unbind; user space must destroy it",
            "the counter-proposal in the review of v5 (October 2024) as it was meant: raw entry in finalize, same IOMMU required",
            ObjectRules.LINUX_6_12.with(FinalizeRule.RAW_STORE),
            INDEPENDENT,
            REVIEW,
            Deviations.INDEPENDENT_VDEVICE);

    /** The same, as typed. */
    static final LifecyclePolicy V5_REVIEW_LITERAL = published(
            "v5-review-literal",
            "v5-review with its check in finalize as typed, which warns of every object",
            "the counter-proposal in the review of v5 (October 2024) as it was typed",
            ObjectRules.LINUX_6_12.with(FinalizeRule.COMPARE_WITH_RESULT),
            INDEPENDENT,
            REVIEW,
            Deviations.INDEPENDENT_VDEVICE);

    /** Unbind cuts the links and leaves the vDEVICE without a device. */
    static final LifecyclePolicy ZOMBIE = reconstructed(
            "zombie",
            "unbind cuts the links and leaves a vDEVICE without device, which user space must destroy",
            "a reading of one sentence in the review of v5 (October 2024)",
            ObjectRules.LINUX_6_13,
            VdeviceRules.NOTHING,
            VdeviceAllocPrograms.ZOMBIE.and(VdevicePrograms.ZOMBIE).and(IdevPrograms.ZOMBIE),
            Deviations.ZOMBIE_VDEVICE);

    /** The kernel holds the vDEVICE and destroys it on unbind. */
    static final LifecyclePolicy RFC1_AUTO_DESTROY = reconstructed(
            "rfc1-auto-destroy",
            "unbind destroys the vDEVICE under a lock of the idev; its id is free again, and user space cannot destroy it before",
            "RFC 'Destroy vdevice on device unbind' (10 June 2025), a difference to Linux 6.16",
            ObjectRules.LINUX_6_13,
            INDEPENDENT.on(VdeviceRules.OnIdev.USERS).heldUnderIdevLock(),
            VdeviceAllocPrograms.RFC1_AUTO_DESTROY
                    .and(VdevicePrograms.RFC1_AUTO_DESTROY)
                    .and(IdevPrograms.RFC1_AUTO_DESTROY),
            Deviations.FORCED_REMOVAL);

    /** The idev's destroy waits for a user's destroy of the vDEVICE. */
    static final LifecyclePolicy XU_V2 = reconstructed(
            "xu-v2",
            "the idev's destroy leaves a tombstone for its vDEVICE, or waits until user space has destroyed it",
            "v2 of 'Destroy vdevice on idevice destroy' (23 June 2025), a difference to Linux 6.16",
            ObjectRules.LINUX_6_13,
            INDEPENDENT,
            VdeviceAllocPrograms.XU.and(VdevicePrograms.XU_V2).and(IdevPrograms.XU_V2),
            Deviations.TOMBSTONE);

    /** The idev's destroy does the work of a user's destroy of the vDEVICE. */
    static final LifecyclePolicy XU_V3 = reconstructed(
            "xu-v3",
            "the idev's destroy leaves a tombstone for its vDEVICE, or tears it down in user space's place",
            "v3 of 'Destroy vdevice on idevice destroy' (27 June 2025), a difference to Linux 6.16",
            ObjectRules.LINUX_6_13,
            INDEPENDENT,
            VdeviceAllocPrograms.XU.and(VdevicePrograms.XU_V3).and(IdevPrograms.XU_V3),
            Deviations.TOMBSTONE);

    private Proposals() {}

    private static LifecyclePolicy published(
            String name,
            String summary,
            String provenance,
            ObjectRules objects,
            VdeviceRules vdevices,
            ProgramSet programs,
            List<Deviation> accepted) {
        return new LifecyclePolicy(
                name, summary, false, provenance, objects, vdevices, programs, PolicyPaths.of(programs), accepted);
    }

    private static LifecyclePolicy reconstructed(
            String name,
            String summary,
            String provenance,
            ObjectRules objects,
            VdeviceRules vdevices,
            ProgramSet programs,
            List<Deviation> accepted) {
        return new LifecyclePolicy(
                name, summary, true, provenance, objects, vdevices, programs, PolicyPaths.of(programs), accepted);
    }
}
