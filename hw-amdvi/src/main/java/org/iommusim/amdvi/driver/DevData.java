package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.DevPasid;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.kernel.InterruptThread;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** {@code struct iommu_dev_data}: one PCIe function, whose device id is its requester id. */
final class DevData implements IommuMaster {
    private final AmdViDriver driver;
    private final AmdIommu iommu;
    private final PciFunction function;
    private final long id;
    private final RefCell<IommuDomain> current;
    private final RefCell<FaultCore> faults;
    private final RefCell<DevPasid> pasids;
    private final RefCell<DevData> next;
    private final IntCell iopfUsers;
    private final IntCell atsEnabled;
    private final IntCell released;

    /** {@code dev_data->mutex}: attaching against detaching. */
    final Lock mutex;
    /** {@code dev_data->dte_lock}: its entry of the device table. */
    final Lock dteLock;
    /**
     * {@code dev_data->domain}: the domain whose list it is in. Attaching a nested domain leaves it where it was before.
     */
    final RefCell<IommuDomain> listed;
    /** {@code pri_enabled}: page requests may be under way. */
    final IntCell priEnabled;
    /** {@code ppr}: it is in the fault queue. */
    final IntCell ppr;
    /** Its GCR3 table; 0 if there is none. */
    final LongCell gcr3Table;
    /** The domain id of its GCR3 table. */
    final IntCell gcr3DomainId;

    DevData(AmdViDriver driver, AmdIommu iommu, PciFunction function, IommuDomain first) {
        this.driver = driver;
        this.iommu = iommu;
        this.function = function;
        World world = iommu.world();
        id = world.nextInstance();
        current = new RefCell<>(world, Touches.DEVICE, id, first);
        faults = new RefCell<>(world, Touches.DEVICE, id + (1L << 40));
        pasids = new RefCell<>(world, Touches.DEVICE, id + (2L << 40));
        next = new RefCell<>(world, Touches.DEVICE, id + (3L << 40));
        listed = new RefCell<>(world, Touches.DEVICE, id + (4L << 40));
        atsEnabled = new IntCell(world, Touches.DEVICE, id + (5L << 40), 0);
        released = new IntCell(world, Touches.DEVICE, id + (6L << 40), 0);
        gcr3Table = new LongCell(world, Touches.DEVICE, id + (7L << 40), 0);
        gcr3DomainId = new IntCell(world, Touches.DEVICE, id + (8L << 40), 0);
        iopfUsers = new IntCell(world, Touches.IOPF, id, 0);
        priEnabled = new IntCell(world, Touches.IOPF, id + (1L << 40), 0);
        ppr = new IntCell(world, Touches.IOPF, id + (2L << 40), 0);
        mutex = new Lock(world, function.name() + " dev_data->mutex", Lock.Kind.MUTEX);
        dteLock = new Lock(world, function.name() + " dte_lock", Lock.Kind.SPIN);
    }

    AmdIommu iommu() {
        return iommu;
    }

    int deviceId() {
        return function.requesterId();
    }

    /** What it translates by. */
    RefCell<IommuDomain> current() {
        return current;
    }

    /** What its PASIDs are attached to. */
    RefCell<DevPasid> pasids() {
        return pasids;
    }

    // ---- what it can do -----------------------------------------------------------------------------------------

    /** Both ends have ATS. */
    boolean atsSupported() {
        return iommu.iotlbSup() && function.atc() != null;
    }

    /** Both ends have page requests. */
    boolean priSupported() {
        return atsSupported() && iommu.pageRequests() && function.asksForPages();
    }

    /** {@code ats_enabled}: its own TLB must be invalidated, too. */
    boolean atsEnabled() {
        return atsEnabled.get() != 0;
    }

    /** {@code pci_enable_ats}, {@code pci_disable_ats}. */
    void enableAts(boolean on) {
        function.writeAtsControl(on);
        atsEnabled.set(on ? 1 : 0);
    }

    /** {@code pci_enable_pri}, {@code pci_disable_pri}. */
    void enablePri(boolean on) {
        function.writePriControl(on);
        priEnabled.set(on ? 1 : 0);
    }

    /** Every function here can do as many PASIDs as the unit. */
    @Override
    public int maxPasids() {
        return iommu.pasids();
    }

    // ---- page requests ------------------------------------------------------------------------------------------

    /** Domains with a fault handler that it is attached to. */
    IntCell iopfUsers() {
        return iopfUsers;
    }

    void connect(FaultCore core) {
        faults.set(core);
    }

    /** The thread that reports its page requests. */
    InterruptThread requestThread() {
        return driver.requestThread();
    }

    /** Where its page requests are reported; {@code null}: nobody wants them. */
    @Nullable
    FaultCore faults() {
        return faults.get();
    }

    // ---- the list of devices ------------------------------------------------------------------------------------

    /** {@code search_dev_data}; call with {@code devicesLock} held, or as one step. */
    static @Nullable DevData find(AmdIommu iommu, int deviceId) {
        DevData dev = iommu.devices().get();
        while (dev != null && dev.deviceId() != deviceId) {
            dev = dev.next.get();
        }
        return dev;
    }

    /** Puts it into the list. */
    void insert() {
        next.set(iommu.devices().get());
        iommu.devices().set(this);
    }

    /** Takes it out of the list and marks it gone. */
    void remove() {
        RefCell<DevData> link = iommu.devices();
        while (link.require() != this) {
            link = link.require().next;
        }
        link.set(next.get());
        released.set(1);
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
        return current.require();
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
