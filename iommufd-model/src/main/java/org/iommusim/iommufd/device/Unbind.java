package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;

/** {@code iommufd_device_unbind} (device.c) where it does more than to destroy the idev. */
final class Unbind {
    private static final Footprint VDEV = Footprint.of(Idev.VDEV, IommufdObject.LIFE);
    private static final String NAME = IdevSlots.UNBIND.name();

    /** The vDEVICE goes as if user space had asked: by id, so that whatever has the id by then goes. */
    static final Program<IdevFrame> V5_POSTED = Program.<IdevFrame>named(NAME)
            .lock("igroup->lock", f -> f.idev.igroup().lock())
            .step("load idev->vdev->obj.id", VDEV, Unbind::noteId)
            .undoNow("igroup->lock")
            .when(
                    "vdev",
                    IdevFrame::noted,
                    b -> b.invokeIgnoringError(
                            "iommufd_object_remove vdev", f -> ObjectPrograms.destroy(f.ctx, f.note.get())))
            .invoke("iommufd_object_destroy_user", f -> ObjectPrograms.destroyUser(f.idev))
            .build();

    /** Whoever waits for idev->lock meanwhile holds the temporary reference for which the removal waits. */
    static final Program<IdevFrame> RFC1_AUTO_DESTROY = Program.<IdevFrame>named(NAME)
            .lock("idev->lock", f -> f.idev.lock())
            .step("load idev->vdev", VDEV, f -> f.vdev.set(f.idev.vdev()))
            .when(
                    "vdev",
                    IdevFrame::hasVdev,
                    b -> b.invokeIgnoringError(
                            "iommufd_object_destroy_user vdev", f -> ObjectPrograms.destroyUser(f.vdev.require())))
            .invokeForAnswer("iommufd_object_remove", IdevFrame::beginRemoval, (f, e) -> f.error.set(e))
            // The unlock is behind the error returns of the removal: nobody will ever release the lock.
            .when("failed", f -> f.error.get() != 0, b -> b.keep("idev->lock").finish("fails", f -> f.error.get()))
            .undoNow("idev->lock")
            .invoke("iommufd_object_remove goes on", IdevFrame::endRemoval)
            .build();

    /**
     * The links go and the vDEVICE stays. The group's lock does not keep a user's destroy away, which may free the vDEVICE
     * between the load and the lock of the table.
     */
    static final Program<IdevFrame> ZOMBIE = Program.<IdevFrame>named(NAME)
            .lock("igroup->lock", f -> f.idev.igroup().lock())
            .step("destroying = true", Footprint.of(Idev.DESTROYING), f -> f.idev.setDestroying())
            .step("load idev->vdev", VDEV, f -> f.vdev.set(f.idev.vdev()))
            .when(
                    "vdev",
                    IdevFrame::hasVdev,
                    b -> b.step(
                                    "load vdev->viommu",
                                    Footprint.of(IommufdObject.LIFE),
                                    f -> f.vdev.require().touch("vdev->viommu"))
                            .lock(
                                    "xa_lock(vdevs)",
                                    f -> f.vdev.require().viommu().vdevsLock())
                            .step(
                                    "vdev->idev = NULL",
                                    Footprint.of(Vdevice.LINKS, IommufdObject.LIFE),
                                    f -> f.vdev.require().idev(null))
                            .undoNow("xa_lock(vdevs)")
                            .step("idev->vdev = NULL", VDEV, f -> f.idev.vdev(null)))
            .undoNow("igroup->lock")
            .invoke("iommufd_object_destroy_user", f -> ObjectPrograms.destroyUser(f.idev))
            .build();

    private Unbind() {}

    private static void noteId(IdevFrame f) {
        Vdevice vdev = f.idev.vdev();
        if (vdev != null) {
            vdev.touch("idev->vdev->obj.id");
            f.note.set(vdev.id());
        }
    }
}
