package org.iommusim.iommufd.ioctl;

import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;

/** The steps of which the kernels' programs of IOMMU_VDEVICE_ALLOC are made. */
final class VdeviceAllocSteps {
    static final String GROUP_LOCK = "igroup->lock";
    static final String IDEV_LOCK = "idev->lock";

    private static final String NAME = VdeviceAlloc.NAME;
    private static final String RESERVE = "xa_insert virt_id, reserved";
    private static final String INSERT = "xa_cmpxchg virt_id";
    private static final Footprint VDEVS = Footprint.of(Viommu.VDEVS);
    private static final Footprint VDEV = Footprint.of(Idev.VDEV, IommufdObject.LIFE);
    private static final Footprint LINKS = Footprint.of(Vdevice.LINKS, IommufdObject.LIFE);

    private static final Program<VdeviceAlloc> RELEASE_VIRT_ID = Program.<VdeviceAlloc>named("xa_release")
            .lock("xa_lock(vdevs)", f -> f.viommu.require().vdevsLock())
            .step("xa_release virt_id", VDEVS, f -> f.viommu.require().release(f.virtId()))
            .build();

    private VdeviceAllocSteps() {}

    // ---- what every kernel begins with
    // --------------------------------------------------------------------------------

    /** Finds the vIOMMU and holds it until the call ends. */
    static void getViommu(Program.Builder<VdeviceAlloc> b) {
        IoctlFrame.get(
                b, "viommu", VdeviceAlloc::viommuId, ObjectType.VIOMMU, Viommu.class, f -> f.viommu, Errno.ENOENT);
    }

    /** Finds the device and holds it until the call ends. */
    static void getIdev(Program.Builder<VdeviceAlloc> b) {
        getIdev(b, Undo.alwaysCall("put idev", VdeviceAlloc::putIdev));
    }

    /** Finds the device; a vDEVICE that is made keeps the reference. */
    static void getIdevForGood(Program.Builder<VdeviceAlloc> b) {
        getIdev(b, Undo.onFailureCall("put idev", VdeviceAlloc::putIdev));
    }

    private static void getIdev(Program.Builder<VdeviceAlloc> b, Undo<VdeviceAlloc> put) {
        b.take(
                "get idev",
                HostCost.ATOMIC,
                ObjectPrograms.GET,
                f -> ObjectPrograms.getInto(f.ctx, f.devId(), ObjectType.DEVICE, Idev.class, f.idev, Errno.ENOENT),
                put);
    }

    /** Refuses a device that sits behind another physical IOMMU. */
    static void sameIommu(Program.Builder<VdeviceAlloc> b) {
        b.check(
                "same physical IOMMU",
                Footprint.of(IommufdObject.LIFE),
                f -> f.viommu.require().driver() == f.idev.require().dev().driver(),
                Errno.EINVAL);
    }

    // ---- under the lock of the idev's vdev
    // ------------------------------------------------------------------------------

    /** Until the end: an unbind that comes meanwhile waits for the lock, even for the copy to user memory. */
    static void lockGroup(Program.Builder<VdeviceAlloc> b) {
        b.lock(GROUP_LOCK, f -> f.idev.require().igroup().lock());
    }

    /** The same with a lock in the idev. */
    static void lockIdev(Program.Builder<VdeviceAlloc> b) {
        b.lock(IDEV_LOCK, f -> f.idev.require().lock());
    }

    /** Refuses a device that unbind has marked. */
    static void notDestroying(Program.Builder<VdeviceAlloc> b) {
        b.check(
                "not destroying",
                Footprint.of(Idev.DESTROYING),
                f -> !f.idev.require().destroying(),
                Errno.ENOENT);
    }

    /** Refuses a device that has a vDEVICE. */
    static void noVdevYet(Program.Builder<VdeviceAlloc> b, int errno) {
        b.check("no vdev yet", VDEV, f -> f.idev.require().vdev() == null, errno);
    }

    // ---- the object
    // ----------------------------------------------------------------------------------------------------

    /** Reserves an id; a failure behind this aborts the object. */
    static void allocate(Program.Builder<VdeviceAlloc> b) {
        b.take("iommufd_object_alloc", HostCost.ALLOCATE, ObjectPrograms.ENTRY, VdeviceAlloc::allocate, abort());
    }

    /** Reserves an id and looks whether it really is; a failure behind the look aborts the object. */
    static void allocateAndVerify(Program.Builder<VdeviceAlloc> b) {
        b.attempt("iommufd_object_alloc", HostCost.ALLOCATE, ObjectPrograms.ENTRY, VdeviceAlloc::allocate);
        b.take(
                "iommufd_verify_unfinalized_object",
                HostCost.ATOMIC,
                ObjectPrograms.ENTRY,
                f -> f.ctx.objects().reserved(f.outVdeviceId()) ? 0 : Errno.ENOENT,
                abort());
    }

    private static Undo<VdeviceAlloc> abort() {
        return Undo.onFailureCall("iommufd_object_abort_and_destroy", VdeviceAlloc::abort);
    }

    /** The vDEVICE's reference on its vIOMMU. */
    static void holdViommu(Program.Builder<VdeviceAlloc> b) {
        b.step("viommu users++", ObjectPrograms.USERS, f -> f.viommu.require().usersInc(NAME));
    }

    /** The vDEVICE's reference on the idev, which the kernel owns. */
    static void holdIdev(Program.Builder<VdeviceAlloc> b) {
        b.step("idev users++", ObjectPrograms.USERS, f -> f.idev.require().usersInc(NAME));
    }

    /** The vDEVICE's reference on the struct device. */
    static void holdDevice(Program.Builder<VdeviceAlloc> b) {
        b.step(
                "vdev->dev = get_device",
                LINKS.and(HostDevice.REFERENCES),
                f -> f.vdev.require().hold(f.idev.require().dev()));
    }

    /** One more reference on the vDEVICE, for the kernel. */
    static void holdVdev(Program.Builder<VdeviceAlloc> b) {
        b.step("vdev users++", ObjectPrograms.USERS, f -> f.vdev.require().usersInc(NAME));
    }

    /** The vDEVICE points to the idev, and the idev to the vDEVICE. */
    static void link(Program.Builder<VdeviceAlloc> b) {
        b.step("idev->vdev = vdev", VDEV.and(Vdevice.LINKS), f -> {
            f.vdev.require().idev(f.idev.require());
            f.idev.require().vdev(f.vdev.require());
        });
    }

    /** The vDEVICE points to the idev; everybody can see the vDEVICE already. */
    static void pointToIdev(Program.Builder<VdeviceAlloc> b) {
        b.step("vdev->idev = idev", LINKS, f -> f.vdev.require().idev(f.idev.require()));
    }

    /** The idev points to the vDEVICE. */
    static void pointToVdev(Program.Builder<VdeviceAlloc> b) {
        b.step("idev->vdev = vdev", VDEV, f -> f.idev.require().vdev(f.vdev.require()));
    }

    // ---- the virtual id, and the driver
    // -------------------------------------------------------------------------------

    /** Puts the vDEVICE at its virtual id at once: from here on an invalidation finds it. */
    static void insert(Program.Builder<VdeviceAlloc> b, int taken) {
        b.lock("xa_lock(vdevs)", f -> f.viommu.require().vdevsLock());
        b.attempt(INSERT, HostCost.ATOMIC, VDEVS, f -> f.insert(INSERT, taken));
        b.undoNow("xa_lock(vdevs)");
    }

    /** Reserves the virtual id: no invalidation finds anything there yet. */
    static void reserveVirtId(Program.Builder<VdeviceAlloc> b) {
        b.lock("xa_lock(vdevs) to insert", f -> f.viommu.require().vdevsLock());
        b.take(
                RESERVE,
                VDEVS,
                f -> f.reserveVirtId(RESERVE),
                Undo.onFailureCall("xa_release virt_id", f -> new Call<>(RELEASE_VIRT_ID, f)));
        b.undoNow("xa_lock(vdevs) to insert");
    }

    /** Puts the vDEVICE at the virtual id that is reserved for it. */
    static void storeVdev(Program.Builder<VdeviceAlloc> b) {
        b.lock("xa_lock(vdevs) to store", f -> f.viommu.require().vdevsLock());
        b.step("xa_store vdev", VDEVS, f -> f.viommu.require().store(f.vdev.require()));
        b.undoNow("xa_lock(vdevs) to store");
        // Stored: from now on the abort takes it out.
        b.keep(RESERVE);
    }

    /**
     * Asks the driver for the size of its vDEVICEs; a wrong one ends the allocation without releasing igroup->lock. No
     * driver here has a wrong one unless a test or a variant makes it wrong.
     */
    static void driverSizeOrLeaveLocked(Program.Builder<VdeviceAlloc> b) {
        b.step("vdevice_size", HostCost.LOCAL, Footprint.LOCAL, VdeviceAlloc::readDriverSize);
        b.when(
                "vdevice_size does not fit",
                f -> f.error.get() != 0,
                c -> c.keep(GROUP_LOCK).finish("fails with the lock held", f -> f.error.get()));
    }

    /** The driver initialises its part. */
    static void driverInit(Program.Builder<VdeviceAlloc> b) {
        Function<VdeviceAlloc, Call<?>> init = f -> f.viommu
                .require()
                .driverPart()
                .require()
                .vdeviceInit(f.idev.require().dev().master(), f.virtId());
        b.invoke("vdevice_init", init::apply);
        b.step(
                "vdev->destroy",
                HostCost.LOCAL,
                Footprint.of(Vdevice.INITIALISED),
                f -> f.vdev.require().setInitialised());
    }

    // ---- the end
    // -------------------------------------------------------------------------------------------------------

    /** Tells user space the id, then publishes: nothing may fail behind the publication. */
    static void respondAndFinalize(Program.Builder<VdeviceAlloc> b) {
        IoctlFrame.respond(b, NAME);
        IoctlFrame.finalizeObject(b, f -> f.vdev.require());
    }
}
