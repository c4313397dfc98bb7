package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.DevPasid;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** {@code struct device_domain_info}: one PCIe function, whose source id is its requester id. */
final class DeviceInfo implements IommuMaster {
    private final VtdDriver driver;
    private final IntelIommu iommu;
    private final PciFunction function;
    private final long id;
    private final RefCell<IommuDomain> domain;
    private final RefCell<FaultCore> faults;
    private final RefCell<DevPasid> pasids;
    private final RefCell<DeviceInfo> next;
    private final IntCell inserted;
    private final IntCell iopfUsers;

    /** {@code domain_attached}: its entry translates or passes. */
    final IntCell attached;
    /** {@code ats_enabled}: its device TLB must be invalidated too. */
    final IntCell atsEnabled;
    /** {@code pri_supported}. */
    final IntCell priSupported;
    /** {@code pri_enabled}: page requests may be under way. */
    final IntCell priEnabled;
    /** Address of its PASID directory; 0 in legacy mode. */
    final LongCell pasidDirectory;
    /** 1: {@code release_device} is over. */
    final IntCell released;

    DeviceInfo(VtdDriver driver, IntelIommu iommu, PciFunction function, IommuDomain first) {
        this.driver = driver;
        this.iommu = iommu;
        this.function = function;
        World world = iommu.world();
        id = world.nextInstance();
        domain = new RefCell<>(world, Touches.DEVICE, id, first);
        faults = new RefCell<>(world, Touches.DEVICE, id + (1L << 40));
        pasids = new RefCell<>(world, Touches.DEVICE, id + (2L << 40));
        next = new RefCell<>(world, Touches.DEVICE, id + (3L << 40));
        inserted = flag(4);
        iopfUsers = new IntCell(world, Touches.IOPF, id, 0);
        attached = flag(5);
        atsEnabled = flag(6);
        priSupported = flag(7);
        priEnabled = new IntCell(world, Touches.IOPF, id + (1L << 40), 0);
        pasidDirectory = new LongCell(world, Touches.DEVICE, id + (9L << 40), 0);
        released = flag(10);
    }

    private IntCell flag(long which) {
        return new IntCell(iommu.world(), Touches.DEVICE, id + (which << 40), 0);
    }

    IntelIommu iommu() {
        return iommu;
    }

    int sid() {
        return function.requesterId();
    }

    RefCell<IommuDomain> current() {
        return domain;
    }

    /** What its PASIDs are attached to. */
    RefCell<DevPasid> pasids() {
        return pasids;
    }

    // ---- what it can do -----------------------------------------------------------------------------------------

    /** {@code ats_supported}: both ends can do it. */
    boolean atsSupported() {
        return iommu.cap().dt() && function.atc() != null;
    }

    /** Every function here can do as many PASIDs as the unit. */
    @Override
    public int maxPasids() {
        return iommu.pasids() ? 1 << Math.min(PasidTable.MOST_BITS, iommu.cap().pasidBits()) : 0;
    }

    // ---- page requests ------------------------------------------------------------------------------------------

    /** {@code iopf_refcount}: domains with a fault handler that it is attached to. */
    IntCell iopfUsers() {
        return iopfUsers;
    }

    void connect(FaultCore core) {
        faults.set(core);
    }

    /** Where its page requests are reported; {@code null}: nobody wants them. */
    @Nullable
    FaultCore faults() {
        return faults.get();
    }

    // ---- the tree of devices ------------------------------------------------------------------------------------

    /** {@code device_rbtree_find}; call with {@code device_rbtree_lock} held, or as one step. */
    static @Nullable DeviceInfo find(IntelIommu iommu, int sid) {
        DeviceInfo info = iommu.devices().get();
        while (info != null && info.sid() != sid) {
            info = info.next.get();
        }
        return info;
    }

    /** {@code device_rbtree_insert}: false if the source id is taken. */
    boolean insert() {
        if (find(iommu, sid()) != null) {
            return false;
        }
        next.set(iommu.devices().get());
        iommu.devices().set(this);
        inserted.set(1);
        return true;
    }

    /** {@code device_rbtree_remove} of a device that may never have been put in. */
    void remove() {
        if (inserted.get() != 0) {
            removeUnchecked();
        }
    }

    /** Removal that trusts its caller; a node that is not in the tree takes somebody else's place in it apart. */
    void removeUnchecked() {
        RefCell<DeviceInfo> link = iommu.devices();
        while (link.get() != null && link.get() != this) {
            link = link.require().next;
        }
        // A node that was never put in is the root of a tree of its own to the kernel's code.
        (link.get() == this ? link : iommu.devices()).set(next.get());
        inserted.set(0);
    }

    @Override
    public PciFunction function() {
        return function;
    }

    @Override
    public IommuDriver driver() {
        return driver;
    }

    @Override
    public IommuDomain domain() {
        return domain.require();
    }

    @Override
    public boolean released() {
        return released.get() != 0;
    }

    @Override
    public long stableId() {
        return id;
    }

    @Override
    public String toString() {
        return "device " + function;
    }
}
