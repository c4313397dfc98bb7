package org.iommusim.iommufd.device;

import static org.iommusim.iommufd.device.VdeviceSteps.erase;
import static org.iommusim.iommufd.device.VdeviceSteps.eraseAndWarn;
import static org.iommusim.iommufd.device.VdeviceSteps.lockGroup;
import static org.iommusim.iommufd.device.VdeviceSteps.putDevice;
import static org.iommusim.iommufd.device.VdeviceSteps.putIdevUsers;
import static org.iommusim.iommufd.device.VdeviceSteps.putViommu;
import static org.iommusim.iommufd.device.VdeviceSteps.unlinkIdev;
import static org.iommusim.iommufd.device.VdeviceSteps.unlockGroupThroughIdev;

import java.util.function.Consumer;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.policy.ProgramSet;
import org.iommusim.iommufd.policy.ProgramSlot;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Program;

/** How each kernel takes a vDEVICE down: {@code iommufd_vdevice_destroy} and {@code iommufd_vdevice_abort} of viommu.c. */
public final class VdevicePrograms {
    /** {@code destroy}: the id is unlinked already. */
    static final ProgramSlot<VdeviceFrame> DESTROY = new ProgramSlot<>("iommufd_vdevice_destroy");
    /** {@code abort}: the id was never published; called with the locks of the allocation held. */
    static final ProgramSlot<VdeviceFrame> ABORT = new ProgramSlot<>("iommufd_vdevice_abort");

    private VdevicePrograms() {}

    /** As posted: under igroup->lock, which it reaches through an idev that its own step gives up. */
    public static final ProgramSet V5_POSTED = ProgramSet.EMPTY
            .with(ABORT, abort(b -> {
                eraseAndWarn(b);
                putViommu(b);
                putIdevUsers(b);
                unlinkIdev(b);
            }))
            .with(DESTROY, destroyUnderGroupLock(b -> {}));

    /** As meant in the review: no lock but that of the table, and the raw struct device instead of the idev. */
    public static final ProgramSet V5_REVIEW = lockless(b -> {
        eraseAndWarn(b);
        putViommu(b);
        putDevice(b);
    });

    /** Linux 6.13 to 6.16. */
    public static final ProgramSet LINUX_6_13 = lockless(b -> {
        erase(b);
        putViommu(b);
        putDevice(b);
    });

    /** The kernel destroys it on unbind; whoever comes here is expected to hold idev->lock, and nobody checks. */
    public static final ProgramSet RFC1_AUTO_DESTROY = lockless(b -> {
        erase(b);
        putViommu(b);
        unlinkIdev(b);
        putIdevUsers(b);
        putDevice(b);
    });

    /** No references between vDEVICE and idev; an unbind that comes second waits for {@code idev->vdev == NULL}. */
    public static final ProgramSet XU_V2 = ProgramSet.EMPTY
            .with(ABORT, abort(b -> {
                erase(b);
                putViommu(b);
                putDevice(b);
                unlinkIdev(b);
            }))
            .with(
                    DESTROY,
                    destroyUnderGroupLock(
                            b -> b.step("wake destroy_wait", Footprint.LOCAL, f -> ObjectPrograms.wake(f.ctx))));

    /** An unbind that comes second does the work itself: the body runs once, {@code vdev->viommu} tells. */
    public static final ProgramSet XU_V3 = ProgramSet.EMPTY
            .with(
                    ABORT,
                    abort(b -> b.branch(
                            "vdev->viommu",
                            Footprint.of(Vdevice.LINKS, IommufdObject.LIFE),
                            f -> f.vdev.hasViommu(),
                            c -> {
                                erase(c);
                                putViommu(c);
                                putDevice(c);
                                c.step(
                                        "vdev->viommu = NULL",
                                        Footprint.of(Vdevice.LINKS, IommufdObject.LIFE),
                                        f -> f.vdev.forgetViommu());
                                unlinkIdev(c);
                            })))
            .with(DESTROY, destroyUnderGroupLock(b -> {}));

    /** Linux 6.17 and later: the vDEVICE keeps its idev until after the last touch of the igroup. */
    public static final ProgramSet LINUX_6_17 = ProgramSet.EMPTY
            .with(ABORT, abort(b -> {
                // The driver lets go first: until the erase an invalidation finds it torn down.
                b.branch(
                        "driver has initialised it",
                        Footprint.of(Vdevice.INITIALISED),
                        f -> f.vdev.initialised(),
                        c -> c.invoke("vdev->destroy", VdeviceFrame::driverDestroy));
                erase(b);
                putViommu(b);
                unlinkIdev(b);
            }))
            .with(DESTROY, destroyAndPutIdev());

    /** The unbound vDEVICE stays, without its device: table lock only, which also guards the link to the idev. */
    public static final ProgramSet ZOMBIE = lockless(b -> {
        b.lock("xa_lock(vdevs)", f -> f.vdev.viommu().vdevsLock());
        b.step(
                "xa_cmpxchg vdev by nothing, unlink from a device that is still bound",
                Footprint.of(Viommu.VDEVS, Vdevice.LINKS, Idev.VDEV, IommufdObject.LIFE),
                VdevicePrograms::eraseAndUnlink);
        b.undoNow("xa_lock(vdevs)");
        putViommu(b);
    });

    private static Program<VdeviceFrame> abort(Consumer<Program.Builder<VdeviceFrame>> body) {
        Program.Builder<VdeviceFrame> b = Program.named(ABORT.name());
        body.accept(b);
        return b.build();
    }

    /** One body for both, because neither needs a lock of its caller. */
    private static ProgramSet lockless(Consumer<Program.Builder<VdeviceFrame>> body) {
        Program.Builder<VdeviceFrame> b = Program.named(DESTROY.name());
        body.accept(b);
        Program<VdeviceFrame> program = b.build();
        return ProgramSet.EMPTY.with(ABORT, program).with(DESTROY, program);
    }

    private static Program<VdeviceFrame> destroyUnderGroupLock(Consumer<Program.Builder<VdeviceFrame>> afterwards) {
        Program.Builder<VdeviceFrame> b = Program.named(DESTROY.name());
        lockGroup(b);
        b.invoke("iommufd_vdevice_abort", f -> f.vdev.abort());
        unlockGroupThroughIdev(b);
        afterwards.accept(b);
        return b.build();
    }

    private static Program<VdeviceFrame> destroyAndPutIdev() {
        Program.Builder<VdeviceFrame> b = Program.named(DESTROY.name());
        lockGroup(b);
        b.invoke("iommufd_vdevice_abort", f -> f.vdev.abort());
        b.undoNow("igroup->lock");
        // Last of all: an unbind that waits for this reference frees the idev and its igroup at once.
        b.invoke("iommufd_put_object idev", VdeviceFrame::putIdev);
        return b.build();
    }

    /** An unbind clears {@code vdev->idev} under the same lock before the idev can go. */
    private static void eraseAndUnlink(VdeviceFrame f) {
        f.vdev.viommu().erase(f.vdev);
        Idev idev = f.vdev.idevOrNull();
        if (idev != null) {
            idev.vdev(null);
        }
    }
}
