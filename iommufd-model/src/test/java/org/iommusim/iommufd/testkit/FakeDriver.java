package org.iommusim.iommufd.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
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
import org.iommusim.sim.Simulation;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * An IOMMU driver whose operations are one step each. It remembers them by name, and makes one fail when it is told to.
 */
public final class FakeDriver implements IommuDriver {
    /** Type of its vIOMMUs. */
    public static final int VIOMMU_TYPE = 1;
    /** Type of its hardware queues. */
    public static final int HW_QUEUE_TYPE = 9;
    /** Type of the data of its nested HWPTs. */
    public static final int NESTED_DATA = 2;

    private static final Footprint TOUCHES =
            ViommuCore.LOOK_UP.and(GuestMemory.ACCESS).and(Variable.named("iommufd.object.users"));

    private static final Program<Operation> OPERATION = Program.<Operation>named("fake driver")
            .attempt("operation", HostCost.ATOMIC, TOUCHES, f -> f.driver.carryOut(f))
            .build();

    private final Simulation simulation;
    private final FakeIommu device;
    private final FakeDomain blocked;
    private final FakeDomain identity;
    private final List<String> log = new ArrayList<>();
    private final List<String> responses = new ArrayList<>();
    private final List<ReservedRegion> reserved = new ArrayList<>();
    private final Map<String, Integer> failing = new LinkedHashMap<>();
    final List<FakeMaster> masters = new ArrayList<>();
    private int domains;
    private boolean basic;
    private boolean ownsQueue;
    private long hwQueueAddress;
    private Consumer<String> observer = name -> {};

    /** A driver with its hardware. */
    public FakeDriver(Simulation simulation, String name) {
        this.simulation = simulation;
        device = new FakeIommu(simulation, this, name);
        blocked = new FakeDomain(this, IommuDomain.Type.BLOCKED, name + " blocked", false);
        identity = new FakeDomain(this, IommuDomain.Type.IDENTITY, name + " identity", false);
    }

    @Override
    public World world() {
        return simulation.world();
    }

    /** Every later operation of this name answers {@code errno}; 0 ends that. */
    public void fail(String operation, int errno) {
        failing.put(operation, errno);
    }

    /** The operations so far. */
    public List<String> log() {
        return List.copyOf(log);
    }

    /** Tells an observer of each operation, before it happens. */
    public void onOperation(Consumer<String> newObserver) {
        observer = newObserver;
    }

    /** How many operations of this name there were so far. */
    public long count(String operation) {
        return log.stream().filter(operation::equals).count();
    }

    Call<?> operation(String name, IntSupplier body) {
        return new Call<>(OPERATION, new Operation(this, name, body));
    }

    private int carryOut(Operation operation) {
        log.add(operation.name);
        observer.accept(operation.name);
        int errno = failing.getOrDefault(operation.name, 0);
        return errno != 0 ? errno : operation.body.getAsInt();
    }

    @Override
    public void listen(DriverListener listener) {
        // The fake hardware has no faults to tell of.
    }

    @Override
    public IommuDevice device() {
        return device;
    }

    @Override
    public Call<?> probe() {
        return operation("probe", () -> 0);
    }

    @Override
    public Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result) {
        return operation("probe_device", () -> {
            FakeMaster master = new FakeMaster(this, function);
            masters.add(master);
            result.set(master);
            return 0;
        });
    }

    @Override
    public Call<?> releaseDevice(IommuMaster master) {
        return operation("release_device", () -> {
            ((FakeMaster) master).released = true;
            masters.remove((FakeMaster) master);
            return 0;
        });
    }

    @Override
    public IommuDomain blockedDomain() {
        return blocked;
    }

    @Override
    public IommuDomain identityDomain() {
        return identity;
    }

    @Override
    public Call<?> domainAllocPagingFlags(IommuMaster master, int flags, UserData data, RefCell<IommuDomain> result) {
        return operation("domain_alloc_paging", () -> {
            if (data.length() != 0) {
                return Errno.EOPNOTSUPP;
            }
            boolean parent = (flags & ALLOC_NEST_PARENT) != 0;
            result.set(new FakeDomain(this, IommuDomain.Type.PAGING, "paging " + ++domains, parent));
            return 0;
        });
    }

    @Override
    public Call<?> domainFree(IommuDomain domain) {
        return operation("domain_free", () -> {
            for (FakeMaster master : masters) {
                if (master.domain == domain) {
                    throw new IllegalStateException(domain + " is freed while " + master.function() + " uses it");
                }
            }
            return 0;
        });
    }

    @Override
    public Call<?> attachDev(IommuMaster master, IommuDomain domain) {
        return operation("attach_dev", () -> {
            if (domain instanceof FakeNested nested
                    && nested.viommu().virtualIdOf(master).isEmpty()) {
                return Errno.ENOENT;
            }
            ((FakeMaster) master).domain = domain;
            return 0;
        });
    }

    @Override
    public Call<?> setDevPasid(IommuMaster master, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        if (basic) {
            return IommuDriver.super.setDevPasid(master, domain, pasid, old);
        }
        return operation("set_dev_pasid", () -> {
            ((FakeMaster) master).pasids.put(pasid, domain);
            return 0;
        });
    }

    @Override
    public List<ReservedRegion> getResvRegions(IommuMaster master) {
        return List.copyOf(reserved);
    }

    /** From now on all devices keep a range of addresses free. */
    public void reserve(long start, long length, ReservedRegion.Type type) {
        reserved.add(new ReservedRegion(start, length, type));
    }

    @Override
    public boolean userPasidTable() {
        return true;
    }

    @Override
    public void connect(IommuMaster master, FaultCore core) {
        ((FakeMaster) master).core = core;
    }

    @Override
    public int enableIopf(IommuMaster master) {
        log.add("enable_iopf");
        if (basic) {
            return IommuDriver.super.enableIopf(master);
        }
        return failing.getOrDefault("enable_iopf", 0);
    }

    @Override
    public void disableIopf(IommuMaster master) {
        log.add("disable_iopf");
    }

    @Override
    public Call<?> pageResponse(IommuMaster master, IommuFault fault, int code) {
        if (basic) {
            return IommuDriver.super.pageResponse(master, fault, code);
        }
        return operation("page_response", () -> {
            responses.add(master.name() + " " + fault.grpid() + " " + code);
            return 0;
        });
    }

    /** From now on it has none of the operations that a driver may lack. */
    public void lackOptionalOperations() {
        basic = true;
    }

    /** From now on it sees to its fault queue itself. */
    public void ownFaultQueue() {
        ownsQueue = true;
    }

    @Override
    public boolean ownsFaultQueue() {
        return ownsQueue;
    }

    void hwQueueAddress(long physicalAddress) {
        hwQueueAddress = physicalAddress;
    }

    /** Where the hardware queue lies that was made last. */
    public long hwQueueAddress() {
        return hwQueueAddress;
    }

    /** The answers to page requests so far: device, group, code. */
    public List<String> responses() {
        return List.copyOf(responses);
    }

    /** How many PASIDs its devices have. */
    public void maxPasids(int count) {
        masters.forEach(master -> master.maxPasids = count);
    }

    /** What a PASID of a device translates by; {@code null} if nobody ever set it. */
    public @Nullable IommuDomain pasidDomain(int device, int pasid) {
        return masters.get(device).pasids.get(pasid);
    }

    /** A page request of a device. */
    public Call<?> pageRequest(int device, IommuFault fault) {
        FakeMaster master = masters.get(device);
        return master.core().reportDeviceFault(master, fault);
    }

    /** A device joins the fault queue, by the driver. */
    public @Nullable Call<?> joinFaultQueue(int device) {
        FakeMaster master = masters.get(device);
        return master.core().queueAddDevice(master);
    }

    /** A device leaves it. */
    public @Nullable Call<?> leaveFaultQueue(int device) {
        FakeMaster master = masters.get(device);
        return master.core().queueRemoveDevice(master);
    }

    @Override
    public HwInfo hwInfo(IommuMaster master) {
        return new HwInfo(2, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, 0);
    }

    @Override
    public int viommuType() {
        return VIOMMU_TYPE;
    }

    @Override
    public Call<?> viommuInit(
            IommuMaster master,
            PagingDomain parent,
            int type,
            ViommuCore core,
            UserData data,
            RefCell<VirtualIommu> result) {
        return operation("viommu_init", () -> {
            result.set(new FakeViommu(this, parent, core));
            return 0;
        });
    }

    @Override
    public GuestIommu newGuest(GuestMemory memory, String name) {
        return new FakeGuest(this, memory);
    }

    private static final class Operation extends Frame {
        private final FakeDriver driver;
        private final String name;
        private final IntSupplier body;

        Operation(FakeDriver driver, String name, IntSupplier body) {
            super(driver.world());
            this.driver = driver;
            this.name = name;
            this.body = body;
        }
    }
}
