package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Capability;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/** {@code iommufd_device_bind} and {@code iommufd_device_unbind} of device.c. */
public final class DeviceBind extends Frame {
    private static final Footprint GROUP_REF = Footprint.of(IommufdGroup.REF, IommufdGroup.ATTACH, IommufdCtx.GROUPS);

    private static final Program<DeviceBind> BIND = Program.<DeviceBind>named("iommufd_device_bind")
            .check(
                    "IOMMU_CAP_CACHE_COHERENCY",
                    Footprint.of(HostDevice.DEV_IOMMU),
                    f -> f.device.driver().capable(f.device.master(), Capability.CACHE_COHERENCY),
                    Errno.EINVAL)
            .take(
                    "iommufd_get_group",
                    GROUP_REF,
                    f -> {
                        f.igroup.set(IommufdGroup.get(f.ctx, f.device.group()));
                        return 0;
                    },
                    Undo.onFailure(
                            "iommufd_put_group",
                            GROUP_REF,
                            f -> f.igroup.require().put()))
            .invoke("iommu_device_claim_dma_owner", f -> DmaOwner.claim(f.device, f.ctx))
            .take(
                    "claimed",
                    HostCost.FREE,
                    Footprint.LOCAL,
                    f -> 0,
                    Undo.onFailureCall("iommu_device_release_dma_owner", f -> DmaOwner.release(f.device)))
            .attempt("iommufd_object_alloc", HostCost.ALLOCATE, ObjectPrograms.ENTRY, DeviceBind::allocate)
            .when(
                    "not a mock device",
                    f -> !f.device.isMock(),
                    b -> b.step("iommufd_ctx_get", Footprint.of(IommufdCtx.FILE), f -> f.ctx.fileGet()))
            // The calling driver's: the device is a leaf of the graph, and only unbind takes it down.
            .step("idev users++", ObjectPrograms.USERS, f -> f.idev.require().usersInc("iommufd_device_bind"))
            .step(
                    "iommufd_object_finalize",
                    ObjectPrograms.ENTRY,
                    f -> f.ctx.objects().finalizeObject(f.idev.require()))
            .build();

    private final IommufdCtx ctx;
    private final HostDevice device;
    private final RefCell<Idev> idev;
    private final RefCell<IommufdGroup> igroup = ref();

    private DeviceBind(IommufdCtx ctx, HostDevice device, RefCell<Idev> idev) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        this.device = device;
        this.idev = idev;
    }

    /**
     * Binds a device to a context: takes DMA ownership for it. Errors: EINVAL (its DMA is not coherent), EPERM (the group belongs to somebody else), ENOMEM.
     *
     * @param result gets the DEVICE object, published
     */
    public static Call<?> bind(IommufdCtx ctx, HostDevice device, RefCell<Idev> result) {
        return new Call<>(BIND, new DeviceBind(ctx, device, result));
    }

    /** Unbinds a detached device; cannot fail. Waits for ioctls that use it; what becomes of its vDEVICE depends on the kernel. */
    public static Call<?> unbind(Idev idev) {
        idev.ctx().kernel().tell(DeviceWatcher.class, watcher -> watcher.unbinds(idev));
        return idev.unbind();
    }

    private int allocate() {
        int injected = ctx.kernel().faults().errno("iommufd_device_bind", "iommufd_object_alloc");
        if (injected != 0) {
            return injected;
        }
        Idev made = new Idev(ctx, device, igroup.require());
        ctx.objects().reserve(made);
        idev.set(made);
        return 0;
    }
}
