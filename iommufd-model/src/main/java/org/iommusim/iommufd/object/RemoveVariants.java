package org.iommusim.iommufd.object;

import java.util.List;
import org.iommusim.sim.program.ProgramPatch;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.variant.Variant;

/** Known bugs of removing objects; and their mends where 7.3 has them. */
public final class RemoveVariants {
    /** Fixed in 6.4.8 (CVE-2023-53795, 99f98a7c0d69). */
    private static final Variant DESTROY_TAKES_USER = Variant.of(
            "destroy-takes-user",
            "A01",
            "IOMMU_DESTROY holds a users reference for a moment: a kernel that destroys the object then finds it in use",
            ProgramPatch.over(RemoveProgram.REMOVE, "destroy-takes-user")
                    .insertBefore(
                            "xa_lock: find, drop the caller's user, users 1 to 0, unlink",
                            b -> b.when(
                                    "IOMMU_DESTROY",
                                    RemoveProgram::byId,
                                    c -> c.step(
                                                    "iommufd_get_object: users++",
                                                    ObjectPrograms.GET,
                                                    RemoveProgram::takeUser)
                                            .step(
                                                    "users-- before the removal",
                                                    ObjectPrograms.GET,
                                                    RemoveProgram::putUser)))
                    .build());

    /** Not in 7.3. */
    private static final Variant SLEEPS_INTERRUPTIBLY = Variant.of(
            "remover-sleeps-interruptibly",
            "J111",
            "the fix of a lost wake-up: the remover sleeps in the mode in which iommufd_put_object wakes",
            ProgramPatch.to("iommufd_object_dec_wait", "remover-sleeps-interruptibly")
                    .sleep("wait until wait_cnt is 0", WaitQueue.Sleep.INTERRUPTIBLE)
                    .build());

    /** Not in 7.3. */
    private static final Variant REMOVER_NEVER_GIVES_UP = Variant.of(
            "remover-never-gives-up",
            "J112",
            "mended: a remover waits until the last temporary reference is gone, however long that takes",
            ProgramPatch.to("iommufd_object_dec_wait", "remover-never-gives-up")
                    .noTimeout("wait until wait_cnt is 0")
                    .build());

    private RemoveVariants() {}

    /** All of them. */
    public static List<Variant> all() {
        return List.of(DESTROY_TAKES_USER, SLEEPS_INTERRUPTIBLY, REMOVER_NEVER_GIVES_UP);
    }
}
