package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The devices of one IOMMU group that are bound to one context ({@code struct iommufd_group}, igroup): they share what they
 * are attached to. {@code igroup->lock} also protects {@code idev->vdev} and {@code idev->destroying}.
 */
public final class IommufdGroup implements Identified {
    /** The variable of what igroups are attached to, and with which devices. */
    public static final Variable ATTACH = Variable.named("iommufd.igroup.attach");
    /** The variable of all references on igroups. */
    public static final Variable REF = Variable.named("iommufd.igroup.ref");

    private final IommufdCtx ctx;
    private final IommuGroup group;
    private final long instance;
    private final Lock lock;
    private final RefCell<HwPagetable> hwpt;
    private final CellList<Idev> deviceArray;
    private final IntCell ref;

    private IommufdGroup(IommufdCtx ctx, IommuGroup group) {
        this.ctx = ctx;
        this.group = group;
        var world = ctx.kernel().world();
        instance = world.nextInstance();
        lock = new Lock(world, "igroup->lock", Lock.Kind.MUTEX);
        hwpt = new RefCell<>(world, ATTACH, instance);
        deviceArray = new CellList<>(world, ATTACH);
        ref = new IntCell(world, REF, instance, 0);
    }

    /** {@code iommufd_get_group}: the igroup of a group in a context, made if there is none, with a reference. */
    static IommufdGroup get(IommufdCtx ctx, IommuGroup group) {
        for (Identified candidate : ctx.groups().items()) {
            if (candidate instanceof IommufdGroup igroup && igroup.group == group) {
                igroup.ref.add(1);
                return igroup;
            }
        }
        IommufdGroup igroup = new IommufdGroup(ctx, group);
        igroup.ref.set(1);
        ctx.groups().add(igroup);
        return igroup;
    }

    /** {@code iommufd_put_group}: with the last reference it is freed. */
    void put() {
        touch("iommufd_put_group");
        if (ref.add(-1) == 0) {
            if (hwpt.get() != null || !deviceArray.isEmpty()) {
                ctx.kernel().warn("iommufd_group_release", "devices are still attached");
            }
            ctx.groups().remove(this);
            lock.free();
        }
    }

    /** Reports a use after the last reference went. */
    void touch(String how) {
        if (ref.get() <= 0) {
            ctx.kernel()
                    .simulation()
                    .violations()
                    .report(Kernel.USE_AFTER_FREE, how + " touches the igroup of " + group + " after kfree");
        }
    }

    /** {@code igroup->lock}. */
    public Lock lock() {
        return lock;
    }

    /** What the group is attached to ({@code attach->hwpt}), or {@code null}. */
    public @Nullable HwPagetable hwpt() {
        return hwpt.get();
    }

    void hwpt(@Nullable HwPagetable newHwpt) {
        hwpt.set(newHwpt);
    }

    /** The attached devices ({@code attach->device_array}). */
    CellList<Idev> deviceArray() {
        return deviceArray;
    }

    @Override
    public long stableId() {
        return instance;
    }
}
