package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;

/** Devices that the IOMMU cannot tell apart or isolate from each other ({@code struct iommu_group}, iommu.c). */
public final class IommuGroup implements Identified {
    /** The variable of all lists of devices in groups. */
    public static final Variable DEVICES = Variable.named("iommu.group.devices");
    /** The variable of all owners of groups' DMA. */
    public static final Variable OWNER = Variable.named("iommu.group.owner");
    /** The variable of all domains of groups. */
    public static final Variable GROUP_DOMAIN = Variable.named("iommu.group.domain");

    private final Kernel kernel;
    private final String name;
    private final long instance;
    private final Lock mutex;
    private final CellList<HostDevice> devices;
    private final RefCell<Identified> owner;
    private final IntCell ownerCount;
    private final RefCell<IommuDomain> domain;
    private final PasidArray pasids;

    /** An empty group. */
    public IommuGroup(Kernel kernel, String name) {
        this.kernel = kernel;
        this.name = name;
        var world = kernel.world();
        instance = world.nextInstance();
        mutex = new Lock(world, "group->mutex", Lock.Kind.MUTEX);
        devices = new CellList<>(world, DEVICES);
        owner = new RefCell<>(world, OWNER, instance);
        ownerCount = new IntCell(world, OWNER, instance + (1L << 40), 0);
        domain = new RefCell<>(world, GROUP_DOMAIN, instance);
        pasids = new PasidArray(world);
    }

    /** The kernel. */
    Kernel kernel() {
        return kernel;
    }

    /** {@code group->pasid_array}: what the group's owner has attached it to. */
    PasidArray pasids() {
        return pasids;
    }

    /** {@code group->mutex}. */
    Lock mutex() {
        return mutex;
    }

    /** The devices in it. */
    CellList<HostDevice> devices() {
        return devices;
    }

    /** Whose DMA it does; {@code null}: the kernel's. */
    RefCell<Identified> owner() {
        return owner;
    }

    /** How often it was claimed by its owner. */
    IntCell ownerCount() {
        return ownerCount;
    }

    /** {@code group->domain}: what its devices are attached to; {@code null} without devices. */
    RefCell<IommuDomain> domain() {
        return domain;
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return name;
    }
}
