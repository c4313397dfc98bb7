package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A device that is bound to a context ({@code struct iommufd_device}, idev; device.c). */
public final class Idev extends IommufdObject {
    /** The variable of all {@code idev->vdev}. */
    public static final Variable VDEV = Variable.named("iommufd.idev.vdev");
    /** The variable of all {@code idev->destroying}. */
    public static final Variable DESTROYING = Variable.named("iommufd.idev.destroying");

    private static final Program<Self> DESTROY = Program.<Self>named("iommufd_device_destroy")
            .invoke("iommu_device_release_dma_owner", f -> DmaOwner.release(f.idev.dev))
            .step(
                    "iommufd_put_group",
                    Footprint.of(IommufdGroup.REF, IommufdGroup.ATTACH, IommufdCtx.GROUPS),
                    f -> f.idev.igroup.put())
            .when(
                    "not a mock device",
                    f -> !f.idev.dev.isMock(),
                    b -> b.step("iommufd_ctx_put", Footprint.of(IommufdCtx.FILE), Self::putFile))
            .build();

    /** {@code iommufd_device_remove_vdev}: runs when unbind has found that somebody holds a temporary reference. */
    private static final Program<Self> PRE_DESTROY = Program.<Self>named("iommufd_device_pre_destroy")
            .lock("igroup->lock", f -> f.idev.igroup.lock())
            // An allocation that waits for the lock finds this and answers ENOENT: no vDEVICE can appear any more.
            .step("destroying = true", Footprint.of(DESTROYING), f -> f.idev.destroying.set(1))
            .step("load idev->vdev", Footprint.of(VDEV), f -> f.vdev.set(f.idev.vdev.get()))
            .when("no vdev", f -> f.vdev.get() == null, b -> b.succeed("only ioctls hold it"))
            // IOMMU_DESTROY may have unlinked it already and wait for the lock to take it apart: then it is not ours.
            .step(
                    "iommufd_object_try_inc_users",
                    HostCost.ATOMIC,
                    ObjectPrograms.GET,
                    f -> f.ours.set(f.idev.ctx().objects().tryIncUsers(f.vdev.require()) ? 1 : 0))
            .when("user space destroys it", f -> f.ours.get() == 0, b -> b.succeed("it will put the idev"))
            .undoNow("igroup->lock")
            // While this user is held an IOMMU_DESTROY of the vDEVICE answers EBUSY, and after it ENOENT.
            .invokeIgnoringError("iommufd_object_tombstone_user", f -> ObjectPrograms.tombstoneUser(f.vdev.require()))
            .build();

    private final HostDevice dev;
    private final IommufdGroup igroup;
    private final RefCell<Vdevice> vdev;
    private final IntCell destroying;

    Idev(IommufdCtx ctx, HostDevice dev, IommufdGroup igroup) {
        super(ctx, ObjectType.DEVICE);
        this.dev = dev;
        this.igroup = igroup;
        vdev = new RefCell<>(ctx.kernel().world(), VDEV, stableId());
        destroying = new IntCell(ctx.kernel().world(), DESTROYING, stableId(), 0);
    }

    /** {@code idev->dev}: a raw pointer without a reference. */
    public HostDevice dev() {
        touch("idev->dev");
        return dev;
    }

    /** {@code idev->igroup}. */
    public IommufdGroup igroup() {
        touch("idev->igroup");
        igroup.touch("idev->igroup");
        return igroup;
    }

    /** {@code idev->vdev}; under {@code igroup->lock}. */
    public @Nullable Vdevice vdev() {
        touch("idev->vdev");
        return vdev.get();
    }

    /** Sets {@code idev->vdev}; under {@code igroup->lock}. */
    public void vdev(@Nullable Vdevice newVdev) {
        touch("idev->vdev");
        vdev.set(newVdev);
    }

    /** {@code idev->destroying}; under {@code igroup->lock}. */
    public boolean destroying() {
        return destroying.get() != 0;
    }

    /** What it, or one PASID of it, is attached to; {@code null} if it is not. */
    public @Nullable HwPagetable attachedTo(int pasid) {
        IommufdAttach attach = igroup.attach(pasid);
        return attach != null && attach.deviceArray().contains(this)
                ? attach.hwpt().get()
                : null;
    }

    @Override
    public Call<?> destroy() {
        return new Call<>(DESTROY, new Self(this));
    }

    @Override
    public Call<?> preDestroy() {
        return new Call<>(PRE_DESTROY, new Self(this));
    }

    @Override
    public String detail() {
        return "device " + dev;
    }

    @Override
    public void holds(ReferenceSink sink) {
        sink.users(this, 1, "VFIO has bound it");
        if (!dev.isMock()) {
            sink.file(ctx(), this + " is bound");
        }
        for (IommufdAttach attach : igroup.pasidAttach().items()) {
            if (attach.deviceArray().contains(this)) {
                sink.users(this, 1, "pasid " + attach.pasid() + " is attached");
                sink.users(attach.hwpt().require(), 1, this + " is attached to it, pasid " + attach.pasid());
            }
        }
    }

    private static final class Self extends Frame {
        private final Idev idev;
        private final RefCell<Vdevice> vdev = ref();
        private final IntCell ours = count();

        Self(Idev idev) {
            super(idev.ctx().kernel().world());
            this.idev = idev;
        }

        private void putFile() {
            if (idev.ctx().filePut()) {
                // Its destroyer came through the file or through a bound VFIO device, and both hold it.
                throw new IllegalStateException("the file of " + idev.ctx() + " ends inside of a call");
            }
        }
    }
}
