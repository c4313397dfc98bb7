package org.iommusim.iommufd.device;

import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Freed;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/**
 * The devices of one IOMMU group that are bound to one context ({@code struct iommufd_group}, igroup): they share what they
 * and their PASIDs are attached to. {@code igroup->lock} also protects {@code idev->vdev} and {@code idev->destroying}.
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
    private final CellList<IommufdAttach> pasidAttach;
    private final IntCell ref;
    private final Freed freed;

    private IommufdGroup(IommufdCtx ctx, IommuGroup group) {
        this.ctx = ctx;
        this.group = group;
        var world = ctx.kernel().world();
        instance = world.nextInstance();
        lock = new Lock(world, "igroup->lock", Lock.Kind.MUTEX);
        pasidAttach = new CellList<>(world, ATTACH);
        ref = new IntCell(world, REF, instance, 0);
        freed = new Freed(ctx.kernel(), REF, instance + (1L << 40));
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

    /** The iommu group. */
    IommuGroup group() {
        return group;
    }

    /** {@code iommufd_put_group}: with the last reference it is freed. */
    public void put() {
        touch("iommufd_put_group");
        if (ref.add(-1) == 0) {
            if (!pasidAttach.isEmpty()) {
                ctx.kernel().warn("iommufd_group_release", "devices are still attached");
            }
            ctx.groups().remove(this);
            freed.set();
            lock.free(ctx.kernel().simulation().checkers().freedBy());
        }
    }

    /** Reports a use after the last reference went. */
    void touch(String how) {
        freed.touch(how, this);
    }

    /** {@code igroup->lock}. */
    public Lock lock() {
        return lock;
    }

    /** {@code xa_load(&igroup->pasid_attach)}: what a PASID is attached to, or {@code null}; under {@link #lock}. */
    @Nullable
    IommufdAttach attach(int pasid) {
        for (IommufdAttach attach : pasidAttach.items()) {
            if (attach.pasid() == pasid) {
                return attach;
            }
        }
        return null;
    }

    /** {@code igroup->pasid_attach}: what the group and its PASIDs are attached to. */
    CellList<IommufdAttach> pasidAttach() {
        return pasidAttach;
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return "the igroup of " + group;
    }
}
