package org.iommusim.iommufd.eventq;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Freed;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/**
 * What the core keeps of a device while it may have page requests ({@code struct iommu_fault_param}, io-pgfault.c). Held by
 * {@code dev->iommu} and by every group of requests that is not answered yet.
 */
public final class FaultParam implements Identified {
    /** The variable of all fault parameters. */
    public static final Variable PARAM = Variable.named("iommu.fault_param");

    private final Kernel kernel;
    private final IommuMaster master;
    private final long instance;
    private final Lock lock;
    private final IntCell users;
    private final Freed freed;
    private final CellList<PartialFault> partial;
    private final CellList<IopfGroup> faults;

    /** Memory with the reference of {@code dev->iommu}. */
    public FaultParam(Kernel kernel, IommuMaster master) {
        this.kernel = kernel;
        this.master = master;
        var world = kernel.world();
        instance = world.nextInstance();
        lock = new Lock(world, "fault_param->lock", Lock.Kind.MUTEX);
        users = new IntCell(world, PARAM, instance, 1);
        freed = new Freed(kernel, PARAM, instance + (1L << 40));
        partial = new CellList<>(world, PARAM);
        faults = new CellList<>(world, PARAM);
    }

    Kernel kernel() {
        return kernel;
    }

    /** {@code fault_param->dev}. */
    public IommuMaster master() {
        return master;
    }

    /** {@code fault_param->lock}. */
    public Lock lock() {
        return lock;
    }

    /** {@code refcount_inc_not_zero}: a report takes a reference. */
    public boolean get() {
        if (users.get() == 0) {
            return false;
        }
        users.add(1);
        return true;
    }

    /** {@code iopf_put_dev_fault_param}: frees it with the last reference. */
    public void put() {
        int left = users.add(-1);
        if (left == 0) {
            freed.set();
            lock.free(kernel.simulation().checkers().freedBy());
        } else if (left < 0) {
            freed.touch("iopf_put_dev_fault_param", this);
        }
    }

    /** Keeps a request that is not the last of its group; under {@link #lock}. */
    public void addPartial(IommuFault fault) {
        partial.add(new PartialFault(fault, kernel.world().nextInstance()));
    }

    /** The group that this last request ends, with the earlier requests of the group first; under {@link #lock}. */
    public IopfGroup group(IommuFault last, AttachHandle handle) {
        List<IommuFault> all = new ArrayList<>();
        for (PartialFault earlier : partial.items()) {
            if (earlier.fault().grpid() == last.grpid()) {
                partial.remove(earlier);
                all.add(earlier.fault());
            }
        }
        all.add(last);
        IopfGroup group = new IopfGroup(this, all, handle);
        faults.add(0, group);
        kernel.tell(FaultWatcher.class, watcher -> watcher.formed(group));
        return group;
    }

    /** Forgets the requests that wait for their last one; under {@link #lock}. */
    public void dropPartial() {
        partial.items().forEach(partial::remove);
    }

    /** {@code fault_param->faults}: groups that the core still answers for; under {@link #lock}. */
    public CellList<IopfGroup> faults() {
        return faults;
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return "the fault parameter of " + master.name();
    }
}
