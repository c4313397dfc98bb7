package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;
import org.jspecify.annotations.Nullable;

/** The steps of which the kernels' programs that take a vDEVICE down are made. */
final class VdeviceSteps {
    private static final Footprint UNLINK = Footprint.of(Idev.VDEV, Vdevice.LINKS, IommufdObject.LIFE);
    private static final Footprint LINKED_USERS = ObjectPrograms.USERS.and(Vdevice.LINKS);
    private static final Footprint DEVICE_REFERENCE =
            Footprint.of(HostDevice.REFERENCES, Vdevice.LINKS, IommufdObject.LIFE);
    private static final String ABORT = "iommufd_vdevice_abort";

    private VdeviceSteps() {}

    /** Takes igroup->lock by way of the vDEVICE and its idev. */
    static void lockGroup(Program.Builder<VdeviceFrame> b) {
        b.lock("igroup->lock", f -> f.vdev.idev().igroup().lock());
    }

    /** Releases igroup->lock by way of the vDEVICE and its idev again: nothing here keeps the idev. */
    static void unlockGroupThroughIdev(Program.Builder<VdeviceFrame> b) {
        b.step(
                "load vdev->idev->igroup",
                Footprint.of(Vdevice.LINKS, IommufdObject.LIFE, IommufdGroup.REF),
                f -> f.vdev.idev().igroup());
        b.undoNow("igroup->lock");
    }

    /** Takes the vDEVICE out of the table of virtual ids, if it is there. */
    static void erase(Program.Builder<VdeviceFrame> b) {
        b.lock("xa_lock(vdevs)", f -> f.vdev.viommu().vdevsLock());
        // Does nothing for an allocation that failed before it had stored the vDEVICE.
        b.step(
                "xa_cmpxchg vdev by nothing",
                Footprint.of(Viommu.VDEVS),
                f -> f.vdev.viommu().erase(f.vdev));
        b.undoNow("xa_lock(vdevs)");
    }

    /** The same; finding another vDEVICE is a warning, although an allocation that comes second does. */
    static void eraseAndWarn(Program.Builder<VdeviceFrame> b) {
        b.lock("xa_lock(vdevs)", f -> f.vdev.viommu().vdevsLock());
        b.step(
                "xa_cmpxchg vdev by nothing, WARN if another was there",
                Footprint.of(Viommu.VDEVS, IommufdObject.LIFE),
                f -> {
                    @Nullable Vdevice old = f.vdev.viommu().erase(f.vdev);
                    if (old != null && old != f.vdev) {
                        f.ctx.kernel().warn(ABORT, old + " is at the virtual id of " + f.vdev);
                    }
                });
        b.undoNow("xa_lock(vdevs)");
    }

    /** Drops the reference on the vIOMMU. */
    static void putViommu(Program.Builder<VdeviceFrame> b) {
        b.step("viommu users--", ObjectPrograms.USERS, f -> f.vdev.viommu().usersDec(ABORT));
    }

    /** Drops the users reference on the idev; without a link to it there is none to drop. */
    static void putIdevUsers(Program.Builder<VdeviceFrame> b) {
        b.step("idev users--", LINKED_USERS, f -> {
            Idev idev = f.vdev.idevOrNull();
            if (idev != null) {
                idev.usersDec(ABORT);
            }
        });
    }

    /** Drops the reference on the struct device. */
    static void putDevice(Program.Builder<VdeviceFrame> b) {
        b.step("put_device", DEVICE_REFERENCE, f -> f.vdev.heldDevice().put());
    }

    /** Ends the idev's link to the vDEVICE. A kernel that comes here before the link is made follows a null pointer. */
    static void unlinkIdev(Program.Builder<VdeviceFrame> b) {
        b.step("idev->vdev = NULL", UNLINK, f -> {
            Idev idev = f.vdev.idevOrNull();
            if (idev == null) {
                oops(f.ctx.kernel(), f.vdev);
            } else {
                idev.vdev(null);
            }
        });
    }

    private static void oops(Kernel kernel, Vdevice vdev) {
        kernel.warn(ABORT, "vdev->idev of " + vdev + " is NULL: a null pointer follows");
    }
}
