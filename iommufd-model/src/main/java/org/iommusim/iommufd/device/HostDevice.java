package org.iommusim.iommufd.device;

import java.util.function.Function;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuFault;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.eventq.FaultParam;
import org.iommusim.iommufd.eventq.IopfDomain;
import org.iommusim.iommufd.object.Freed;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A device as the kernel knows it ({@code struct device}), with the state of its IOMMU ({@code dev->iommu}). */
public final class HostDevice implements Identified {
    /** The variable of all {@code dev->iommu}. */
    public static final Variable DEV_IOMMU = Variable.named("device.iommu");
    /** The variable of all references on struct devices ({@code get_device}). */
    public static final Variable REFERENCES = Variable.named("device.references");
    /** The variable of which devices may have page requests ({@code dev->iommu->fault_param}). */
    public static final Variable IOPF = Variable.named("device.iopf");

    /** What {@link #attachedDomain} touches. */
    public static final Footprint ATTACHED = IopfDomain.ACCESS.and(PasidArray.PASIDS, AttachHandle.HANDLE);

    private final Kernel kernel;
    private final String name;
    private final @Nullable PciFunction function;
    private final Function<RefCell<IommuMaster>, Call<?>> probe;
    private final IommuDriver driver;
    private final IommuGroup group;
    private final long instance;
    private final RefCell<IommuMaster> master;
    private final Freed released;
    private final IntCell references;
    private final Lock iommuLock;
    private final IntCell iopfCount;
    private final RefCell<FaultParam> faultParam;

    /**
     * A PCI function that the IOMMU driver does not know yet.
     *
     * @param group the group that it will be part of
     */
    public HostDevice(Kernel kernel, PciFunction function, IommuDriver driver, IommuGroup group) {
        this(kernel, function.name(), function, r -> driver.probeDevice(function, r), driver, group);
    }

    /**
     * A device on a bus of its own that the IOMMU driver does not know yet.
     *
     * @param probe {@code probe_device} of that bus; leaves what the driver makes
     * @param group the group that it will be part of
     */
    public HostDevice(
            Kernel kernel,
            String name,
            Function<RefCell<IommuMaster>, Call<?>> probe,
            IommuDriver driver,
            IommuGroup group) {
        this(kernel, name, null, probe, driver, group);
    }

    private HostDevice(
            Kernel kernel,
            String name,
            @Nullable PciFunction function,
            Function<RefCell<IommuMaster>, Call<?>> probe,
            IommuDriver driver,
            IommuGroup group) {
        this.kernel = kernel;
        this.name = name;
        this.function = function;
        this.probe = probe;
        this.driver = driver;
        this.group = group;
        instance = kernel.world().nextInstance();
        master = new RefCell<>(kernel.world(), DEV_IOMMU, instance);
        released = new Freed(kernel, DEV_IOMMU, instance + (1L << 40));
        references = new IntCell(kernel.world(), REFERENCES, instance, 0);
        iommuLock = new Lock(kernel.world(), "dev_iommu->lock", Lock.Kind.MUTEX);
        iopfCount = new IntCell(kernel.world(), IOPF, instance, 0);
        faultParam = new RefCell<>(kernel.world(), IOPF, instance + (1L << 40));
    }

    /** The kernel. */
    public Kernel kernel() {
        return kernel;
    }

    /** The hardware; only for a PCI function. */
    public PciFunction function() {
        if (function == null) {
            throw new IllegalStateException(name + " is no PCI function");
        }
        return function;
    }

    /**
     * {@code iommufd_selftest_is_mock_dev}: a device of the selftest. Its driver is an object of the context itself, so it
     * must not hold the context's file.
     */
    public boolean isMock() {
        return function == null;
    }

    /** {@code probe_device}: the driver makes {@code dev->iommu}. */
    Call<?> probe(RefCell<IommuMaster> result) {
        return probe.apply(result);
    }

    /** The driver of the IOMMU that it sits behind. */
    public IommuDriver driver() {
        return driver;
    }

    /** Its group. */
    public IommuGroup group() {
        return group;
    }

    /** {@code dev->iommu->lock}. */
    Lock iommuLock() {
        return iommuLock;
    }

    /** How many attached domains have a fault handler. */
    IntCell iopfCount() {
        return iopfCount;
    }

    /** {@code dev->iommu->fault_param}; {@code null} while no page request is expected. */
    @Nullable
    FaultParam faultParam() {
        touch("dev->iommu->fault_param");
        return faultParam.get();
    }

    void faultParam(@Nullable FaultParam param) {
        faultParam.set(param);
    }

    /** {@code iommu_attach_handle_get}: what a PASID, or 0 for the device itself, is attached to; {@code null}: nothing. */
    public @Nullable IommuDomain attachedDomain(int pasid) {
        AttachHandle handle = group.pasids().load(pasid);
        return handle == null ? null : handle.domain().iommuDomain();
    }

    /**
     * {@code iommu_report_device_fault}: the driver's interrupt thread has a page request of the device.
     * Error: EINVAL (nobody handles it; it is answered).
     */
    public Call<?> reportPageRequest(IommuFault request) {
        return DeviceFaults.of(this).reportDeviceFault(master(), request);
    }

    void probed(IommuMaster newMaster) {
        master.set(newMaster);
        released.clear();
    }

    /** {@code iommu_deinit_device}: the memory behind {@code dev->iommu} is given back. */
    void released() {
        released.set();
    }

    /** True if this is its master and the device was not released. */
    boolean isMaster(IommuMaster other) {
        return !released.is() && master.get() == other;
    }

    /** {@code dev->iommu} with the driver's master. After the device was released this is a use after free: reported. */
    public IommuMaster master() {
        touch("dev->iommu");
        return master.require();
    }

    /** {@code get_device}: keeps the struct device, but not what the IOMMU core has hung on it. */
    void get() {
        references.add(1);
    }

    /** {@code put_device}. */
    void put() {
        if (references.add(-1) < 0) {
            kernel.warn("put_device", name + " is put too often");
        }
    }

    /** References on the struct device beyond the host's own. */
    public int references() {
        return references.get();
    }

    /** Reports a use after the device was released from its IOMMU: nobody holds a reference that would keep it. */
    void touch(String how) {
        if (released.is()) {
            released.report(how + " of " + name + " is used after iommu_release_device");
        }
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
