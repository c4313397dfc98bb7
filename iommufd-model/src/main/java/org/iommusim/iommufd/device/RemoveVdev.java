package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.WaitQueue;

/**
 * How kernels whose vDEVICEs must not outlive their device remove one on unbind ({@code iommufd_device_remove_vdev}, device.c).
 * A user's IOMMU_DESTROY of the same vDEVICE may be anywhere on its way: before it has unlinked the id, or behind that.
 */
final class RemoveVdev {
    private static final Footprint VDEV = Footprint.of(Idev.VDEV, IommufdObject.LIFE);
    private static final long WAIT_PS = 60_000_000_000_000L;

    /** Part of the idev's destroy. What comes second waits for the first, on the queue that its wake-up may not reach. */
    static final Program<IdevFrame> XU_V2 = xuV2();

    /** Part of the idev's destroy. What comes second overtakes the first, which will then reach for the idev. */
    static final Program<IdevFrame> XU_V3 = xuV3();

    /** {@code pre_destroy} of Linux 6.17. */
    static final Program<IdevFrame> LINUX_6_17 = linux617();

    /** {@code pre_destroy} of Linux 7.3. */
    static final Program<IdevFrame> LINUX_7_3 = linux73();

    private RemoveVdev() {}

    private static Program<IdevFrame> xuV2() {
        Program.Builder<IdevFrame> b = Program.named(IdevSlots.REMOVE_VDEV.name());
        lockAndLoad(b);
        b.when("vdev", IdevFrame::hasVdev, c -> {
            getById(c);
            c.when(
                    "user space destroys it",
                    f -> f.found.get() == null,
                    d -> d.step("removing = true", HostCost.FREE, Footprint.LOCAL, f -> f.note.set(1)));
            c.when(
                    "another object",
                    IdevFrame::foundAnother,
                    d -> d.step("idev->vdev = NULL", VDEV, f -> f.idev.vdev(null))
                            .invoke("iommufd_put_object other", f -> ObjectPrograms.put(f.found.require())));
            c.when("found", f -> f.found.get() != null && !f.foundAnother(), RemoveVdev::holdUsers);
        });
        b.undoNow("igroup->lock");
        return b.either(
                        "removing",
                        IdevFrame::noted,
                        // Not under the lock: it may see the pointer go before the destroyer has released the lock.
                        c -> c.await(
                                "wait until idev->vdev is NULL",
                                VDEV,
                                f -> f.ctx.destroyWait(),
                                WaitQueue.Sleep.UNINTERRUPTIBLE,
                                f -> f.idev.vdev() == null,
                                f -> WAIT_PS,
                                f -> 0),
                        c -> c.step("load idev->vdev again", VDEV, f -> f.vdev.set(f.idev.vdev()))
                                .when("still there", IdevFrame::hasVdev, RemoveVdev::tombstone))
                .build();
    }

    private static Program<IdevFrame> xuV3() {
        Program.Builder<IdevFrame> b = Program.named(IdevSlots.REMOVE_VDEV.name());
        lockAndLoad(b);
        b.when("no vdev", f -> !f.hasVdev(), c -> c.succeed("nothing to remove"));
        getById(b);
        b.when(
                "user space destroys it",
                f -> f.found.get() == null,
                c -> c.invoke("iommufd_vdevice_abort", f -> f.vdev.require().abort())
                        .succeed("torn down in its place"));
        b.when("another object", IdevFrame::foundAnother, RemoveVdev::putOther);
        holdUsers(b);
        b.undoNow("igroup->lock");
        tombstone(b);
        return b.build();
    }

    private static Program<IdevFrame> linux617() {
        Program.Builder<IdevFrame> b = preDestroy();
        // The id may be somebody else's by now: user space has destroyed the vDEVICE, another device's has got the id.
        getById(b);
        b.when("user space destroys it", f -> f.found.get() == null, c -> c.succeed("it will put the idev"));
        b.when("another object", IdevFrame::foundAnother, RemoveVdev::putOther);
        holdUsers(b);
        b.undoNow("igroup->lock");
        tombstone(b);
        return b.build();
    }

    private static Program<IdevFrame> linux73() {
        Program.Builder<IdevFrame> b = preDestroy();
        // IOMMU_DESTROY may have unlinked it already and wait for the lock to take it apart: then it is not ours.
        b.step(
                "iommufd_object_try_inc_users",
                HostCost.ATOMIC,
                ObjectPrograms.GET,
                f -> f.note.set(f.ctx.objects().tryIncUsers(f.vdev.require()) ? 1 : 0));
        b.when("user space destroys it", f -> !f.noted(), c -> c.succeed("it will put the idev"));
        b.undoNow("igroup->lock");
        tombstone(b);
        return b.build();
    }

    private static Program.Builder<IdevFrame> preDestroy() {
        Program.Builder<IdevFrame> b = Program.named(IdevSlots.PRE_DESTROY.name());
        b.lock("igroup->lock", f -> f.idev.igroup().lock());
        // An allocation that waits for the lock finds this and answers ENOENT: no vDEVICE can appear any more.
        b.step("destroying = true", Footprint.of(Idev.DESTROYING), f -> f.idev.setDestroying());
        b.step("load idev->vdev", VDEV, f -> f.vdev.set(f.idev.vdev()));
        return b.when("no vdev", f -> !f.hasVdev(), c -> c.succeed("only ioctls hold it"));
    }

    private static void lockAndLoad(Program.Builder<IdevFrame> b) {
        b.lock("igroup->lock", f -> f.idev.igroup().lock());
        b.step("load idev->vdev", VDEV, f -> f.vdev.set(f.idev.vdev()));
    }

    private static void getById(Program.Builder<IdevFrame> b) {
        b.step("iommufd_get_vdevice by id", ObjectPrograms.GET, IdevFrame::getVdevById);
    }

    /** While this user is held an IOMMU_DESTROY of the vDEVICE answers EBUSY. */
    private static void holdUsers(Program.Builder<IdevFrame> b) {
        b.step("vdev users++", ObjectPrograms.USERS, f -> f.vdev.require().usersInc("iommufd_device_remove_vdev"));
        b.invoke("iommufd_put_object vdev", f -> ObjectPrograms.put(f.vdev.require()));
    }

    private static void putOther(Program.Builder<IdevFrame> b) {
        b.invoke("iommufd_put_object other", f -> ObjectPrograms.put(f.found.require()));
        b.succeed("it will go by itself");
    }

    /** From here on IOMMU_DESTROY of the vDEVICE answers ENOENT for ever. */
    private static void tombstone(Program.Builder<IdevFrame> b) {
        b.invokeIgnoringError("iommufd_object_tombstone_user", f -> ObjectPrograms.tombstoneUser(f.vdev.require()));
    }
}
