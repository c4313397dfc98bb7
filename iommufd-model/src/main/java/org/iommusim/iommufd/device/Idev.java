package org.iommusim.iommufd.device;

import java.util.List;
import java.util.Optional;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.ReferenceSink;
import org.iommusim.iommufd.policy.ProgramSlot;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Lock;
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

    private final HostDevice dev;
    private final IommufdGroup igroup;
    private final RefCell<Vdevice> vdev;
    private final IntCell destroying;
    /** Whether VFIO has the reference of its bind. */
    private final IntCell bound;

    private final @Nullable Lock lock;

    Idev(IommufdCtx ctx, HostDevice dev, IommufdGroup igroup) {
        super(ctx, ObjectType.DEVICE);
        this.dev = dev;
        this.igroup = igroup;
        vdev = new RefCell<>(ctx.kernel().world(), VDEV, stableId());
        destroying = new IntCell(ctx.kernel().world(), DESTROYING, stableId(), 0);
        bound = new IntCell(ctx.kernel().world(), USERS, stableId() + (1L << 40), 1);
        lock = ctx.kernel().policy().vdevices().idevLock()
                ? new Lock(ctx.kernel().world(), "idev->lock", Lock.Kind.MUTEX)
                : null;
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

    /** A further reference on the igroup, so that it is there until {@link #igroupPut}. */
    public IommufdGroup igroupGet() {
        return IommufdGroup.get(ctx(), igroup().group());
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

    /** Sets {@code idev->destroying}; under {@code igroup->lock}. */
    void setDestroying() {
        destroying.set(1);
    }

    /** {@code idev->lock}, in a kernel that has it. */
    public Lock lock() {
        touch("idev->lock");
        if (lock == null) {
            throw new IllegalStateException("this kernel's idev has no lock");
        }
        return lock;
    }

    /** Whether its device is one of the selftest; see {@link HostDevice#isMock}. */
    boolean isMock() {
        return dev.isMock();
    }

    /** What it, or one PASID of it, is attached to; {@code null} if it is not. */
    public @Nullable HwPagetable attachedTo(int pasid) {
        IommufdAttach attach = igroup.attach(pasid);
        return attach != null && attach.deviceArray().contains(this)
                ? attach.hwpt().get()
                : null;
    }

    /** {@code iommufd_device_unbind}: in most kernels nothing but to destroy the idev. */
    Call<?> unbind() {
        return find(IdevSlots.UNBIND).orElseGet(() -> ObjectPrograms.destroyUser(this));
    }

    @Override
    public Call<?> destroy() {
        return find(IdevSlots.DESTROY).orElseThrow();
    }

    @Override
    public @Nullable Call<?> preDestroy() {
        return find(IdevSlots.PRE_DESTROY).orElse(null);
    }

    /** {@code iommufd_device_remove_vdev}, in a kernel that calls it here. */
    Call<?> removeVdev() {
        return find(IdevSlots.REMOVE_VDEV).orElseThrow();
    }

    private Optional<Call<?>> find(ProgramSlot<IdevFrame> slot) {
        return ctx().kernel().policy().programs().find(slot).map(program -> new Call<>(program, new IdevFrame(this)));
    }

    @Override
    protected void abandoned() {
        bound.set(0);
    }

    @Override
    protected List<Lock> locks() {
        return lock == null ? List.of() : List.of(lock);
    }

    @Override
    public String detail() {
        return "device " + dev;
    }

    @Override
    public void holds(ReferenceSink sink) {
        if (bound.get() != 0) {
            sink.users(this, 1, "VFIO has bound it");
        }
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
}
