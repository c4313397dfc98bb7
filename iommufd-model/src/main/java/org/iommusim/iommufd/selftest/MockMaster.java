package org.iommusim.iommufd.selftest;

import org.iommusim.hw.driver.FaultCore;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** A device of the mock ({@code struct mock_dev}). */
public final class MockMaster implements IommuMaster {
    /** {@code MOCK_FLAGS_DEVICE_NO_DIRTY}: no dirty tracking. */
    public static final int NO_DIRTY = 1;
    /** {@code MOCK_FLAGS_DEVICE_PASID}: it has PASIDs. */
    public static final int PASID = 1 << 2;
    /** {@code MOCK_DEV_CACHE_NUM}. */
    static final int CACHE_NUM = 4;
    /** {@code MOCK_PASID_WIDTH}: bits of a PASID. */
    static final int PASID_WIDTH = 20;

    /** The variable of what devices are attached to. */
    static final Variable DOMAIN = Variable.named("device.iommu");
    /** The variable of the vIOMMU and virtual id that devices remember for events. */
    static final Variable VIOMMU = Variable.named("mock.dev.viommu");
    /** The variable of all pretended device caches. */
    static final Variable CACHE = Variable.named("mock.dev.cache");
    /** The variable of all counts of domains with a fault handler. */
    static final Variable IOPF = Variable.named("device.iopf.mock");
    /** The variable of what makes an attachment of PASID 1024 fail. */
    static final Variable FAKE_ERROR = Variable.named("mock.dev.pasid_1024_fake_error");

    /** The variable of what lets VMs reach devices without the kernel. */
    static final Variable VDEVICE = Variable.named("mock.dev.vdevice");

    private static final int CACHE_DEFAULT = 0xbaddad;

    private final MockDriver driver;
    private final @Nullable PciFunction function;
    private final int flags;
    private final int id;
    private final long instance;
    private final Lock viommuRwsem;
    private final RefCell<IommuDomain> domain;
    private final RefCell<MockViommu> viommu;
    private final LongCell vdevId;
    private final RefCell<FaultCore> faultCore;
    private final IntArrayCell cache;
    private final IntCell iopfRefcount;
    private final IntCell fakeError;
    private final IntCell released;
    private final IntCell vdevice;

    MockMaster(MockDriver driver, @Nullable PciFunction function, int flags, int id) {
        this.driver = driver;
        this.function = function;
        this.flags = flags;
        this.id = id;
        World world = driver.world();
        instance = world.nextInstance();
        viommuRwsem = new Lock(world, "viommu_rwsem", Lock.Kind.RW_SEMAPHORE);
        domain = new RefCell<>(world, DOMAIN, instance, driver.blockedDomain());
        viommu = new RefCell<>(world, VIOMMU, instance);
        vdevId = new LongCell(world, VIOMMU, instance + (1L << 40), 0);
        faultCore = new RefCell<>(world, DOMAIN, instance + (2L << 40));
        cache = new IntArrayCell(world, CACHE, instance, CACHE_NUM);
        for (int i = 0; i < CACHE_NUM; i++) {
            cache.set(i, CACHE_DEFAULT);
        }
        iopfRefcount = new IntCell(world, IOPF, instance, 0);
        fakeError = new IntCell(world, FAKE_ERROR, instance, 0);
        released = new IntCell(world, DOMAIN, instance + (1L << 40), 0);
        vdevice = new IntCell(world, VDEVICE, instance, 0);
    }

    @Override
    public PciFunction function() {
        if (function == null) {
            throw new IllegalStateException(name() + " is no PCI device");
        }
        return function;
    }

    /** True for the function with this requester id. */
    boolean isFunction(int requesterId) {
        return function != null && function.requesterId() == requesterId;
    }

    @Override
    public String name() {
        return function != null ? function.name() : nameOf(id);
    }

    /** Name of a device that is no PCI function. */
    static String nameOf(int id) {
        return "iommufd_mock" + id;
    }

    /** Its number, lowest free first ({@code mock_dev_ida}). */
    int id() {
        return id;
    }

    @Override
    public IommuDriver driver() {
        return driver;
    }

    @Override
    public IommuDomain domain() {
        return domain.get() == null ? driver.blockedDomain() : domain.require();
    }

    void domain(IommuDomain attached) {
        domain.set(attached);
    }

    @Override
    public boolean released() {
        return released.get() != 0;
    }

    void release() {
        released.set(1);
    }

    @Override
    public int maxPasids() {
        return (flags & PASID) != 0 ? 1 << PASID_WIDTH : 0;
    }

    boolean noDirty() {
        return (flags & NO_DIRTY) != 0;
    }

    /** {@code mdev->viommu_rwsem}: protects what follows. */
    Lock viommuRwsem() {
        return viommuRwsem;
    }

    /** {@code mdev->viommu}: the vIOMMU of the nested domain that it is attached to, or {@code null}. */
    RefCell<MockViommu> viommu() {
        return viommu;
    }

    /** {@code mdev->vdev_id}: its virtual id when {@link #viommu} last changed. */
    LongCell vdevId() {
        return vdevId;
    }

    /** Where its page requests go. */
    FaultCore faultCore() {
        return faultCore.require();
    }

    void connect(FaultCore core) {
        faultCore.set(core);
    }

    /** The pretended device cache. */
    IntArrayCell cache() {
        return cache;
    }

    /** Domains with a fault handler that it is attached to. */
    IntCell iopfRefcount() {
        return iopfRefcount;
    }

    /** {@code pasid_1024_fake_error}. */
    IntCell fakeError() {
        return fakeError;
    }

    /** 1 while a VM reaches it without the kernel; see {@link MockVdevice}. */
    IntCell vdevice() {
        return vdevice;
    }

    @Override
    public long stableId() {
        return instance;
    }

    @Override
    public String toString() {
        return name();
    }
}
