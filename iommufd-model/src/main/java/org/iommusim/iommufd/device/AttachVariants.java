package org.iommusim.iommufd.device;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.variant.Variant;

/** Known bugs of attaching, replacing and detaching, and of page requests meanwhile; and their mends where 7.3 has them. */
public final class AttachVariants {
    /** Fixed in 6.2.3 (CVE-2023-54043, b4ff830eca09). */
    private static final Variant HWPT_LINKED_TWICE = Variant.of(
            "hwpt-linked-twice",
            "A02",
            "a HWPT is linked on its IOAS's list when it is made, and again when the first device is attached",
            ProgramPatch.over(GroupAttach.DO_ATTACH, "hwpt-linked-twice")
                    .insertBefore(
                            "hwpt users++",
                            b -> b.step("list_add hwpt_item", Footprint.of(Ioas.HWPT_LIST), GroupAttach::linkAgain))
                    .build());

    /** Fixed in 6.10.7 ("Fix hwpt at err_unresv"). */
    private static final Variant UNRESERVES_OLD = Variant.of(
            "failed-replace-unreserves-old",
            "A16",
            "a replace that fails gives back what devices reserve in the address space that they have not left",
            ProgramPatch.over(GroupAttach.DO_REPLACE, "failed-replace-unreserves-old")
                    .replaceCondition("unreserve", GroupAttach::reservedInAnother)
                    .replace(
                            "iommufd_group_remove_reserved_iova",
                            b -> b.invoke("remove the reserved iova of old", GroupAttach::unreserveOld))
                    .build());

    /** From fb21b1568ada to ba5c0f28a26e. */
    private static final Variant REPLACE_ANSWERS_NEW_QUEUE = Variant.of(
            "replace-answers-faults-of-new-queue",
            "A10",
            "a replace looks for the faults of the old attachment in the queue of the new HWPT",
            ProgramPatch.over(HwptAttach.REPLACE, "replace-answers-faults-of-new-queue")
                    .replace(
                            "iommufd_auto_response_faults",
                            b -> b.invoke("iommufd_auto_response_faults of new", f -> f.autoResponse(f.hwpt())))
                    .build());

    /** In 6.12; the rework for PASIDs reads under the lock. */
    private static final Variant DETACH_READS_UNLOCKED = Variant.of(
            "detach-reads-hwpt-unlocked",
            "A21",
            "a detach reads the group's HWPT before it takes the lock, and puts what a replace has left meanwhile",
            ProgramPatch.over(GroupAttach.DETACH, "detach-reads-hwpt-unlocked")
                    .insertBefore(
                            "igroup->lock",
                            b -> b.step("load igroup->hwpt, unlocked", GroupAttach.ATTACH, GroupAttach::loadOld))
                    .replaceBody("erase from device_array", GroupAttach.ATTACH, f -> {
                        f.eraseDevice();
                        return 0;
                    })
                    .build());

    /** Fixed in 6.1.18 ("Attach device group to old domain in error path"). */
    private static final Variant NO_WAY_BACK = Variant.of(
            "group-stays-on-new-domain",
            "D58",
            "if one device of a group cannot be moved, those that were moved before stay where they are",
            ProgramPatch.to("__iommu_group_set_domain", "group-stays-on-new-domain")
                    .drop("back")
                    .build());

    /** Fixed in 6.10.7 (CVE-2024-44994). */
    private static final Variant PARTIAL_AS_FULL = Variant.of(
            "partial-fault-as-full",
            "D59",
            "a page request that others of its group follow is handled as if it were the last one, too",
            ProgramPatch.to("iommu_report_device_fault", "partial-fault-as-full")
                    .drop("no answer yet")
                    .build());

    /** Proposed in May 2026 ("Drain in-flight fault handlers"); not in 7.3. */
    private static final Variant DRAINS_REPORTS = Variant.of(
            "drain-fault-reports",
            "G87",
            "mended: page requests that are being reported are waited for before their attachment is freed",
            ProgramPatch.over(DeviceFaults.REPORT, "drain-fault-reports: reports")
                    .insertBefore(
                            "find_fault_handler",
                            b -> b.lock("in flight", DeviceFaults::inFlight)
                                    // What the device had asked before is thrown away.
                                    .branch(
                                            "off the fault queue",
                                            DeviceFaults.PARAM,
                                            DeviceFaults::offQueue,
                                            c -> c.invokeIgnoringError(
                                                            "iopf_error_response, drained",
                                                            DeviceFaults::respondInvalid)
                                                    .finish("drained", f -> Errno.EINVAL)))
                    .build(),
            drain(ProgramPatch.over(HwptAttach.REPLACE, "drain-fault-reports: replace")),
            drain(ProgramPatch.over(HwptAttach.DETACH, "drain-fault-reports: detach")));

    /** Not in 7.3. */
    private static final Variant UNRESERVES_IF_MOVED = Variant.of(
            "failed-replace-unreserves-if-moved",
            "J116",
            "mended: a replace that fails gives back only what it has reserved in another address space",
            ProgramPatch.over(GroupAttach.DO_REPLACE, "failed-replace-unreserves-if-moved")
                    .replaceCondition("unreserve", GroupAttach::reservedInAnother)
                    .build());

    /** 6.16.0 of the VT-d driver (CVE-2025-38594). */
    private static final Variant IOPF_OFF_FIRST = Variant.of(
            "iopf-off-before-detach",
            "E69",
            "a device leaves the fault queue while its old domain still translates, and its page requests still come",
            ProgramPatch.over(GroupDomain.DEVICE, "iopf-off-before-detach")
                    .insertBefore(
                            "attach_dev",
                            b -> b.when(
                                    "old domain has a handler, still attached",
                                    GroupDomain::leavesHandler,
                                    c -> c.invoke("disable iopf first", GroupDomain::disableIopf)))
                    .never("old domain has a handler")
                    .build());

    private AttachVariants() {}

    private static ProgramPatch drain(ProgramPatch.Builder<HwptAttach> patch) {
        return patch.insertBefore(
                        "iommufd_auto_response_faults",
                        b -> b.lock("drain", f -> f.idev().dev().iommuLock()).undoNow("drain"))
                .build();
    }

    /** All of them. */
    public static List<Variant> all() {
        return List.of(
                HWPT_LINKED_TWICE,
                REPLACE_ANSWERS_NEW_QUEUE,
                UNRESERVES_OLD,
                UNRESERVES_IF_MOVED,
                DETACH_READS_UNLOCKED,
                NO_WAY_BACK,
                PARTIAL_AS_FULL,
                DRAINS_REPORTS,
                IOPF_OFF_FIRST);
    }
}
