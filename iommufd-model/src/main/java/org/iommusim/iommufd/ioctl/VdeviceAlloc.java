package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Vdevice;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_VDEVICE_ALLOC (viommu.c). Errors in this order: ENOENT (vIOMMU), ENOENT (device), EINVAL (device of another physical
 * IOMMU), ENOENT (device is being unbound), EEXIST (device has a vDEVICE), ENOMEM, EEXIST (virtual id taken, or reserved by
 * an allocation in progress), those of vdevice_init, EFAULT.
 *
 * <p>The virtual id is reserved, then the driver initialises, then the vDEVICE is stored: an invalidation never finds one
 * that is half made. On success the reference on the idev is not put: the vDEVICE keeps it.
 */
public final class VdeviceAlloc extends IoctlFrame {
    private static final String NAME = "IOMMU_VDEVICE_ALLOC";
    private static final Footprint VDEVS = Footprint.of(Viommu.VDEVS);
    private static final Program<VdeviceAlloc> RELEASE_VIRT_ID = Program.<VdeviceAlloc>named("xa_release")
            .lock("xa_lock(vdevs)", f -> f.viommu.require().vdevsLock())
            .step("xa_release virt_id", VDEVS, f -> f.viommu.require().release(f.virtId()))
            .build();
    private static final Program<VdeviceAlloc> PROGRAM = program();

    private final RefCell<Viommu> viommu = ref();
    private final RefCell<Idev> idev = ref();
    private final RefCell<Vdevice> vdev = ref();

    private VdeviceAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<VdeviceAlloc> program() {
        Program.Builder<VdeviceAlloc> b = Program.named(NAME);
        get(b, "viommu", f -> f.ucmd.id("viommu_id"), ObjectType.VIOMMU, Viommu.class, f -> f.viommu, Errno.ENOENT);
        b.take(
                "get idev",
                HostCost.ATOMIC,
                ObjectPrograms.GET,
                f -> ObjectPrograms.getInto(
                        f.ctx, f.ucmd.id("dev_id"), ObjectType.DEVICE, Idev.class, f.idev, Errno.ENOENT),
                Undo.onFailureCall("put idev", f -> ObjectPrograms.put(f.idev.require())));
        b.check(
                "same physical IOMMU",
                Footprint.of(IommufdObject.LIFE),
                f -> f.viommu.require().driver() == f.idev.require().dev().driver(),
                Errno.EINVAL);
        // From here to the end: an unbind that comes meanwhile waits in pre_destroy, even for the copy to user memory.
        b.lock("igroup->lock", f -> f.idev.require().igroup().lock());
        b.check(
                "not destroying",
                Footprint.of(Idev.DESTROYING),
                f -> !f.idev.require().destroying(),
                Errno.ENOENT);
        b.check(
                "no vdev yet",
                Footprint.of(Idev.VDEV, IommufdObject.LIFE),
                f -> f.idev.require().vdev() == null,
                Errno.EEXIST);
        b.take(
                "iommufd_object_alloc",
                HostCost.ALLOCATE,
                ObjectPrograms.ENTRY,
                VdeviceAlloc::allocate,
                Undo.onFailureCall(
                        "iommufd_object_abort_and_destroy", f -> ObjectPrograms.abortAndDestroy(f.vdev.require())));
        b.step("viommu users++", ObjectPrograms.USERS, f -> f.viommu.require().usersInc(NAME));
        b.step(
                "idev->vdev = vdev",
                Footprint.of(Idev.VDEV, IommufdObject.LIFE),
                f -> f.idev.require().vdev(f.vdev.require()));
        b.lock("xa_lock(vdevs) to insert", f -> f.viommu.require().vdevsLock());
        b.take(
                "xa_insert virt_id, reserved",
                VDEVS,
                VdeviceAlloc::reserveVirtId,
                Undo.onFailureCall("xa_release virt_id", f -> new Call<>(RELEASE_VIRT_ID, f)));
        b.undoNow("xa_lock(vdevs) to insert");
        b.invoke(
                "vdevice_init",
                f -> f.viommu
                        .require()
                        .driverPart()
                        .require()
                        .vdeviceInit(f.idev.require().dev().master(), f.virtId()));
        b.step(
                "vdev->destroy",
                HostCost.LOCAL,
                Footprint.of(Vdevice.INITIALISED),
                f -> f.vdev.require().setInitialised());
        b.lock("xa_lock(vdevs) to store", f -> f.viommu.require().vdevsLock());
        b.step("xa_store vdev", VDEVS, f -> f.viommu.require().store(f.vdev.require()));
        b.undoNow("xa_lock(vdevs) to store");
        // Stored: from now on the abort takes it out.
        b.keep("xa_insert virt_id, reserved");
        respond(b, NAME);
        return finalizeObject(b, f -> f.vdev.require()).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<VdeviceAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new VdeviceAlloc(ucmd));
    }

    /** The same without user memory. */
    public static Call<VdeviceAlloc> call(IommufdCtx ctx, long viommuId, long devId, long virtId) {
        return call(Ucmd.of(
                ctx,
                Ucmd.structure(IommufdIoctl.VDEVICE_ALLOC)
                        .set("viommu_id", viommuId)
                        .set("dev_id", devId)
                        .set("virt_id", virtId)));
    }

    private long virtId() {
        return ucmd.u64("virt_id");
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_vdevice_id", outVdeviceId());
    }

    private int allocate() {
        Vdevice made = new Vdevice(viommu.require(), idev.require(), virtId());
        int error = reserve(NAME, made);
        if (error == 0) {
            vdev.set(made);
        }
        return error;
    }

    private int reserveVirtId() {
        int injected = injected(NAME, "xa_insert virt_id, reserved");
        if (injected != 0) {
            return injected;
        }
        return viommu.require().reserve(virtId()) ? 0 : Errno.EEXIST;
    }

    /** {@code out_vdevice_id}; after success. */
    public int outVdeviceId() {
        return vdev.require().id();
    }
}
