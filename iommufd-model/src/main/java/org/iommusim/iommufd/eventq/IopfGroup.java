package org.iommusim.iommufd.eventq;

import java.util.List;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.iommufd.object.Freed;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;

/** A complete group of page requests, which gets one answer ({@code struct iopf_group}). */
public final class IopfGroup implements Identified {
    /** The variable of all groups. */
    public static final Variable GROUP = Variable.named("iommu.iopf_group");

    private final FaultParam param;
    private final List<IommuFault> faults;
    private final AttachHandle handle;
    private final long instance;
    private final IntCell cookie;
    private final Freed freed;

    IopfGroup(FaultParam param, List<IommuFault> faults, AttachHandle handle) {
        this.param = param;
        this.faults = List.copyOf(faults);
        this.handle = handle;
        var world = param.kernel().world();
        instance = world.nextInstance();
        cookie = new IntCell(world, GROUP, instance, 0);
        freed = new Freed(param.kernel(), GROUP, instance + (1L << 40));
    }

    /** {@code group->fault_param}. */
    public FaultParam param() {
        touch("group->fault_param");
        return param;
    }

    /** The requests in the order of their arrival. */
    public List<IommuFault> faults() {
        touch("group->faults");
        return faults;
    }

    /** {@code group->last_fault}: the one that is answered. */
    public IommuFault lastFault() {
        return faults().get(faults.size() - 1);
    }

    /** {@code group->attach_handle}. */
    public AttachHandle handle() {
        touch("group->attach_handle");
        return handle;
    }

    /** {@code group->cookie}: what user space answers to; 0 until it was read. */
    int cookie() {
        return cookie.get();
    }

    void cookie(int newCookie) {
        touch("group->cookie");
        cookie.set(newCookie);
    }

    /** {@code kfree}. */
    void free() {
        touch("kfree");
        freed.set();
    }

    private void touch(String how) {
        freed.touch(how, this);
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return "a group of page requests of " + param.master().name();
    }
}
