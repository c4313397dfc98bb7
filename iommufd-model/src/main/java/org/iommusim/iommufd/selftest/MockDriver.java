package org.iommusim.iommufd.selftest;

import java.util.List;
import org.iommusim.hw.driver.Capability;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.ReservedRegion;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** The mock's driver ({@code mock_ops}). One instance is one IOMMU ({@code mock_iommu}). */
public final class MockDriver implements IommuDriver {
    /** The variable of all lists of mock devices ({@code mock_dev_ida}). */
    static final Variable DEVICES = Variable.named("mock.devices");

    private static final ReservedRegion MSI_WINDOW =
            new ReservedRegion(0x800_0000, 1 << 20, ReservedRegion.Type.SW_MSI);
    private static final int HW_INFO_BYTES = 8;
    private static final Footprint LIST =
            Footprint.of(DEVICES, MockMaster.DOMAIN, MockMaster.CACHE, MockMaster.VDEVICE);

    private static final Program<Device> PROBE = Program.<Device>named("mock_probe_device")
            .step("mock device", HostCost.ALLOCATE, LIST, f -> f.result.set(f.driver.newDevice(f.function, f.flags)))
            .build();
    private static final Program<Release> RELEASE = Program.<Release>named("mock_dev_release")
            .step("ida_free", LIST, Release::remove)
            .build();
    private static final Program<Nested> ALLOC_NESTED = Program.<Nested>named("mock_domain_alloc_nested")
            .check("flags", f -> (f.flags & ~ALLOC_PASID) == 0, Errno.EOPNOTSUPP)
            .invoke(
                    "__mock_domain_alloc_nested",
                    f -> MockNestedAlloc.call(f.world(), f.parent, null, f.data, f.result))
            .build();
    private static final Program<Nothing> NOTHING =
            Program.<Nothing>named("mock (nothing to do)").build();

    private final Simulation simulation;
    private final PhysicalMemory memory;
    private final PageAllocator pages;
    private final String name;
    private final int functionFlags;
    private final List<ReservedRegion> reserved;
    private final MockBlockedDomain blocked;
    private final MockIommu device;
    private final CellList<MockMaster> devices;
    private final long vdeviceOperations;

    /** An IOMMU without devices. */
    public MockDriver(Kernel kernel, String name) {
        this(kernel.simulation(), kernel.memory(), kernel.pages(), name, false, 0);
    }

    /**
     * An IOMMU without devices.
     *
     * @param pages where it gets the pages that user space may map
     * @param msiWindow whether its devices keep addresses free for MSIs
     * @param functionFlags those of PCI functions, of {@link MockMaster}
     */
    MockDriver(
            Simulation simulation,
            PhysicalMemory memory,
            PageAllocator pages,
            String name,
            boolean msiWindow,
            int functionFlags) {
        this.simulation = simulation;
        this.memory = memory;
        this.pages = pages;
        this.name = name;
        this.functionFlags = functionFlags;
        reserved = msiWindow ? List.of(MSI_WINDOW) : List.of();
        World world = simulation.world();
        blocked = new MockBlockedDomain(world.nextInstance());
        devices = new CellList<>(world, DEVICES);
        vdeviceOperations = simulation.knobs().value(MockVdevice.OPERATIONS);
        device = new MockIommu(simulation, this, name);
    }

    @Override
    public World world() {
        return simulation.world();
    }

    @Override
    public IommuDevice device() {
        return device;
    }

    /** It prints nothing. */
    @Override
    public void listen(DriverListener listener) {}

    @Override
    public void connect(IommuMaster master, FaultCore core) {
        ((MockMaster) master).connect(core);
    }

    @Override
    public Call<?> probe() {
        return nothing();
    }

    /** Devices in the order in which they came. */
    CellList<MockMaster> devices() {
        return devices;
    }

    /** {@code mock_dev_create}: a device that is no PCI function; {@code flags} of {@link MockMaster}. */
    public Call<?> createDevice(int flags, RefCell<IommuMaster> result) {
        return new Call<>(PROBE, new Device(this, null, flags, result));
    }

    @Override
    public Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result) {
        return new Call<>(PROBE, new Device(this, function, functionFlags, result));
    }

    @Override
    public Call<?> releaseDevice(IommuMaster master) {
        return new Call<>(RELEASE, new Release(this, (MockMaster) master));
    }

    @Override
    public boolean capable(IommuMaster master, Capability capability) {
        return switch (capability) {
            case CACHE_COHERENCY -> true;
            case DIRTY_TRACKING -> !((MockMaster) master).noDirty();
            case ENFORCE_CACHE_COHERENCY, PCI_ATS_SUPPORTED -> false;
        };
    }

    @Override
    public List<ReservedRegion> getResvRegions(IommuMaster master) {
        return reserved;
    }

    @Override
    public IommuDomain blockedDomain() {
        return blocked;
    }

    /** The default domain: the mock has none that lets anything pass. */
    @Override
    public IommuDomain identityDomain() {
        return blocked;
    }

    @Override
    public Call<?> domainAllocPagingFlags(IommuMaster master, int flags, UserData data, RefCell<IommuDomain> result) {
        return MockPagingAlloc.call((MockMaster) master, flags, data, result);
    }

    @Override
    public boolean hasDomainAllocNested() {
        return true;
    }

    @Override
    public Call<?> domainAllocNested(
            IommuMaster master, PagingDomain parent, int flags, UserData data, RefCell<IommuDomain> result) {
        return new Call<>(ALLOC_NESTED, new Nested(this, (MockPagingDomain) parent, flags, data, result));
    }

    /** {@code mock_domain_free}, {@code mock_domain_free_nested}: nothing but memory. */
    @Override
    public Call<?> domainFree(IommuDomain domain) {
        return nothing();
    }

    @Override
    public Call<?> attachDev(IommuMaster master, IommuDomain domain) {
        return MockAttach.attach((MockMaster) master, domain);
    }

    /** A guest keeps a PASID table of its own in a nested domain. */
    @Override
    public boolean userPasidTable() {
        return true;
    }

    @Override
    public Call<?> setDevPasid(IommuMaster master, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        return MockAttach.setPasid((MockMaster) master, domain, pasid);
    }

    @Override
    public int enableIopf(IommuMaster master) {
        ((MockMaster) master).iopfRefcount().add(1);
        return 0;
    }

    @Override
    public void disableIopf(IommuMaster master) {
        ((MockMaster) master).iopfRefcount().add(-1);
    }

    /** {@code mock_domain_page_response}: nobody waits for an answer. */
    @Override
    public Call<?> pageResponse(IommuMaster master, IommuFault fault, int code) {
        return nothing();
    }

    @Override
    public HwInfo hwInfo(IommuMaster master) {
        byte[] info = new byte[HW_INFO_BYTES];
        MockData.u32(info, 4, MockData.HW_INFO_REGVAL);
        boolean dirty = capable(master, Capability.DIRTY_TRACKING);
        long capabilities = HwInfo.CAP_PCI_ATS_NOT_SUPPORTED | (dirty ? HwInfo.CAP_DIRTY_TRACKING : 0);
        return new HwInfo(MockData.HW_INFO, info, capabilities, master.maxPasids() == 0 ? 0 : MockMaster.PASID_WIDTH);
    }

    @Override
    public int viommuType() {
        return MockData.VIOMMU;
    }

    @Override
    public Call<?> viommuInit(
            IommuMaster master,
            PagingDomain parent,
            int type,
            ViommuCore core,
            UserData data,
            RefCell<VirtualIommu> result) {
        return MockViommuInit.call(this, (MockPagingDomain) parent, core, data, result);
    }

    PhysicalMemory memory() {
        return memory;
    }

    /** Value of {@link MockVdevice#OPERATIONS}. */
    long vdeviceOperations() {
        return vdeviceOperations;
    }

    /** The pages of a vIOMMU; {@link PageAllocator#NONE} without memory. */
    long allocatePages() {
        return pages.allocate(PageOwner.KERNEL, MockViommu.PAGES, MockViommu.PAGES);
    }

    /** Gives {@link #allocatePages} back. */
    void freePages(long address) {
        pages.free(address, MockViommu.PAGES);
    }

    /** Name of the device that {@link #createDevice} will make next. */
    String nextName() {
        return MockMaster.nameOf(freeId());
    }

    private MockMaster newDevice(@Nullable PciFunction function, int flags) {
        MockMaster made = new MockMaster(this, function, flags, freeId());
        devices.add(made);
        return made;
    }

    private int freeId() {
        int id = 0;
        while (taken(id)) {
            id++;
        }
        return id;
    }

    private boolean taken(int id) {
        return devices.items().stream().anyMatch(d -> d.id() == id);
    }

    private Call<?> nothing() {
        return new Call<>(NOTHING, new Nothing(this));
    }

    @Override
    public String toString() {
        return name;
    }

    private static final class Nothing extends Frame {
        Nothing(MockDriver driver) {
            super(driver.world());
        }
    }

    private static final class Device extends Frame {
        final MockDriver driver;
        final @Nullable PciFunction function;
        final int flags;
        final RefCell<IommuMaster> result;

        Device(MockDriver driver, @Nullable PciFunction function, int flags, RefCell<IommuMaster> result) {
            super(driver.world());
            this.driver = driver;
            this.function = function;
            this.flags = flags;
            this.result = result;
        }
    }

    private static final class Release extends Frame {
        final MockDriver driver;
        final MockMaster master;

        Release(MockDriver driver, MockMaster master) {
            super(driver.world());
            this.driver = driver;
            this.master = master;
        }

        void remove() {
            if (master.vdevice().get() != 0) {
                driver.simulation
                        .violations()
                        .report(Kernel.WARN, "mock_dev_release: a VM still reaches " + master.name());
            }
            driver.devices.remove(master);
            master.release();
        }
    }

    private static final class Nested extends Frame {
        final MockPagingDomain parent;
        final int flags;
        final UserData data;
        final RefCell<IommuDomain> result;

        Nested(MockDriver driver, MockPagingDomain parent, int flags, UserData data, RefCell<IommuDomain> result) {
            super(driver.world());
            this.parent = parent;
            this.flags = flags;
            this.data = data;
            this.result = result;
        }
    }
}
