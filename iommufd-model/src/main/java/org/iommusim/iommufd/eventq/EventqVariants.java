package org.iommusim.iommufd.eventq;

import java.util.List;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.variant.Variant;

/** Known bugs of event queues and their files. */
public final class EventqVariants {
    /** Fixed in 6.12.5 (CVE-2024-56624). */
    private static final Variant ABORT_PUTS_TWICE = Variant.of(
            "eventq-abort-puts-twice",
            "A04",
            "a queue that cannot be made drops its references a second time after its file has dropped them",
            ProgramPatch.over(EventqFile.ABORT, "eventq-abort-puts-twice")
                    .insertAfter(
                            "iommufd_eventq_fops_release",
                            b -> b.step(
                                            "users-- again",
                                            ObjectPrograms.USERS,
                                            f -> f.eventq().usersDec("iommufd_fault_alloc"))
                                    .step(
                                            "iommufd_ctx_put again",
                                            Footprint.of(IommufdCtx.FILE),
                                            f -> f.ctx().filePut()))
                    .build());

    /** Fixed in 6.16.10 (CVE-2025-39966, 4e034bf045b1). */
    private static final Variant ABORT_DEFERS_FPUT = Variant.of(
            "eventq-abort-defers-fput",
            "A05",
            "the file of a queue that cannot be made is released when the system call ends, after the queue was freed",
            ProgramPatch.to("iommufd_object_abort_and_destroy", "eventq-abort-defers-fput")
                    .moveAfter("__fput_sync", "iommufd_object_abort")
                    .build());

    /** What the check of 53d0584eeb2c finds. */
    private static final Variant ABORT_FORGETS_FILE = Variant.of(
            "eventq-abort-forgets-file",
            "A06",
            "the file of a queue that cannot be made keeps its reference on the queue",
            ProgramPatch.to("iommufd_object_abort_and_destroy", "eventq-abort-forgets-file")
                    .drop("__fput_sync")
                    .build());

    /** Fixed in 7.3.2 ("Fix event queue release use-after-free"). */
    private static final Variant RELEASE_READS_QUEUE_LAST = Variant.of(
            "eventq-release-reads-queue-last",
            "A08",
            "closing a queue's file finds the context through the queue after the last reference on it",
            ProgramPatch.over(EventqFile.RELEASE, "eventq-release-reads-queue-last")
                    .insertBefore(
                            "iommufd_ctx_put",
                            b -> b.step(
                                    "load eventq->obj.ictx",
                                    Footprint.of(IommufdObject.LIFE),
                                    f -> f.eventq().touch("iommufd_eventq_fops_release")))
                    .build());

    /** Fixed by 738e6f32e61d (CVE-2026-74520). */
    private static final Variant GROUP_OWNED_TWICE = Variant.of(
            "iopf-group-owned-twice",
            "A09",
            "a group of page requests that user space was given stays on the core's list, which frees it too",
            ProgramPatch.to("iommufd_fault_iopf_handler", "iopf-group-owned-twice")
                    .drop("iopf_group_dequeue")
                    .build());

    /** Fixed in 6.12.101 ("Avoid partial fault group delivery"). */
    private static final Variant READ_COPIES_PARTS = Variant.of(
            "fault-read-copies-parts",
            "A13",
            "a read that cannot copy all of a group tells of the requests that it has copied, and keeps the whole group",
            ProgramPatch.over(FaultRead.READ, "fault-read-copies-parts")
                    .replaceBody("copy_to_user", FaultRead.COPY, f -> {
                        f.copyEach();
                        return 0;
                    })
                    .build());

    /** Not in 7.3. */
    private static final Variant HOLDS_VIOMMU = Variant.of(
            "veventq-destroy-holds-viommu",
            "J114",
            "mended: the destroy of an event queue holds the vIOMMU until it has left its semaphore",
            ProgramPatch.over(Veventq.DESTROY, "veventq-destroy-holds-viommu")
                    .insertBefore(
                            "veventqs_rwsem",
                            b -> b.take(
                                    "hold the viommu",
                                    ObjectPrograms.USERS,
                                    f -> {
                                        f.viommu().usersInc("iommufd_veventq_destroy");
                                        return 0;
                                    },
                                    Undo.always(
                                            "put the viommu",
                                            ObjectPrograms.USERS,
                                            f -> f.viommu().usersDec("iommufd_veventq_destroy"))))
                    .build());

    /** Not in 7.3. */
    private static final Variant TELLS_NOTED_ID = Variant.of(
            "fault-read-tells-noted-id",
            "J115",
            "mended: a fault is told with the id that was noted when the group was attached, not read from the device",
            ProgramPatch.over(FaultRead.READ, "fault-read-tells-noted-id")
                    .replaceBody("copy_to_user", FaultRead.COPY, f -> {
                        f.copyWithNotedId();
                        return 0;
                    })
                    .build());

    /** Not in 7.3. */
    private static final Variant READ_COPIES_UNLOCKED = Variant.of(
            "fault-read-copies-unlocked",
            "J117",
            "mended: a read of page requests composes its messages under the mutex, and copies them without it",
            ProgramPatch.over(FaultRead.READ, "fault-read-copies-unlocked")
                    .insertBefore(
                            "user page fault",
                            b -> b.step("compose messages", FaultRead.COPY, FaultRead::compose)
                                    .undoNow("fault->mutex")
                                    .undoNow("fault->mutex again"))
                    .replaceBody("copy_to_user", FaultRead.COPY, f -> {
                        f.copyComposed();
                        return 0;
                    })
                    .insertAfter("copy_to_user", b -> b.lock("fault->mutex again", FaultRead::mutex))
                    .build());

    private EventqVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(
                ABORT_PUTS_TWICE,
                ABORT_DEFERS_FPUT,
                ABORT_FORGETS_FILE,
                RELEASE_READS_QUEUE_LAST,
                GROUP_OWNED_TWICE,
                READ_COPIES_PARTS,
                HOLDS_VIOMMU,
                TELLS_NOTED_ID,
                READ_COPIES_UNLOCKED);
    }
}
