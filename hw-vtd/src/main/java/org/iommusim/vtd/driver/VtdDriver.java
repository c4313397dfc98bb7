package org.iommusim.vtd.driver;

import java.util.List;
import org.iommusim.hw.driver.Capability;
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
import org.iommusim.hw.driver.StaticDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.kernel.InterruptThread;
import org.iommusim.hw.kernel.NothingToDo;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** {@code drivers/iommu/intel}: the kernel's driver of one VT-d unit. See the package page. */
public final class VtdDriver implements IommuDriver {
    /** Interrupt messages: a write there is no DMA. */
    private static final ReservedRegion MSI = new ReservedRegion(0xfee0_0000L, 0x10_0000L, ReservedRegion.Type.MSI);

    private final IntelIommu iommu;
    private final StaticDomain blocked;
    private final StaticDomain identity;
    private final InterruptThread faultThread;
    private final InterruptThread prqThread;

    /** Makes the driver of a device and connects to its interrupts; {@link #probe} brings the device up. */
    public VtdDriver(IommuDevice device, IommuHost host) {
        iommu = new IntelIommu(device, host);
        blocked = new StaticDomain(iommu, iommu.name(), iommu.world(), IommuDomain.Type.BLOCKED);
        identity = new StaticDomain(iommu, iommu.name(), iommu.world(), IommuDomain.Type.IDENTITY);
        faultThread = new InterruptThread(host.simulation(), device.name() + " fault", () -> FaultThread.call(iommu));
        prqThread = new InterruptThread(host.simulation(), device.name() + " prq", () -> PrqThread.call(iommu));
        device.connectInterrupts(this::interrupt);
    }

    private void interrupt(String source) {
        switch (source) {
            case "fault" -> faultThread.raise();
            case "page-request" -> prqThread.raise();
            default -> {
                // inv-completion: waits are polled in memory, none asks for an interrupt.
            }
        }
    }

    /** What the driver knows of its unit. */
    IntelIommu iommu() {
        return iommu;
    }

    @Override
    public List<List<String>> lockOrder() {
        return List.of(
                List.of("group->mutex", "did_lock"),
                List.of("group->mutex", "iommu->lock", "q_lock"),
                List.of("group->mutex", "iopf_lock", "device_rbtree_lock"),
                List.of("group->mutex", "cache_lock", "q_lock"),
                List.of("group->mutex", "xa_lock(vdevs)"),
                List.of("pages->mutex", "cache_lock"));
    }

    @Override
    public void listen(DriverListener listener) {
        iommu.listen(listener);
    }

    @Override
    public World world() {
        return iommu.world();
    }

    @Override
    public IommuDevice device() {
        return iommu.device();
    }

    @Override
    public Call<?> probe() {
        return InitDmars.call(iommu);
    }

    @Override
    public Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result) {
        return ProbeDevice.probe(this, function, result);
    }

    @Override
    public Call<?> releaseDevice(IommuMaster master) {
        return ProbeDevice.release((DeviceInfo) master);
    }

    @Override
    public void connect(IommuMaster master, FaultCore core) {
        ((DeviceInfo) master).connect(core);
    }

    @Override
    public boolean capable(IommuMaster master, Capability capability) {
        return switch (capability) {
            case CACHE_COHERENCY -> true;
            case PCI_ATS_SUPPORTED -> ((DeviceInfo) master).atsSupported();
            case ENFORCE_CACHE_COHERENCY, DIRTY_TRACKING -> false;
        };
    }

    @Override
    public List<ReservedRegion> getResvRegions(IommuMaster master) {
        return List.of(MSI);
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
        return AllocDomain.paging(iommu, flags, data, result);
    }

    @Override
    public boolean hasDomainAllocNested() {
        return true;
    }

    @Override
    public Call<?> domainAllocNested(
            IommuMaster master, PagingDomain parent, int flags, UserData data, RefCell<IommuDomain> result) {
        return AllocDomain.nested(iommu, parent, null, flags, data, result);
    }

    @Override
    public Call<?> domainFree(IommuDomain domain) {
        return domain instanceof DmarDomain ours ? FreeDomain.call(ours) : NothingToDo.call(world());
    }

    @Override
    public Call<?> attachDev(IommuMaster master, IommuDomain domain) {
        return AttachDev.call((DeviceInfo) master, domain);
    }

    @Override
    public Call<?> setDevPasid(IommuMaster master, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        return SetDevPasid.call((DeviceInfo) master, domain, pasid, old);
    }

    /** {@code intel_iommu_enable_iopf}: the device's page requests have somebody to answer them. */
    @Override
    public int enableIopf(IommuMaster master) {
        DeviceInfo info = (DeviceInfo) master;
        if (info.priEnabled.get() == 0) {
            return Errno.ENODEV;
        }
        info.iopfUsers().add(1);
        return Errno.OK;
    }

    /** {@code intel_iommu_disable_iopf}. */
    @Override
    public void disableIopf(IommuMaster master) {
        ((DeviceInfo) master).iopfUsers().add(-1);
    }

    @Override
    public Call<?> pageResponse(IommuMaster master, IommuFault fault, int code) {
        return PageResponse.call(iommu, ((DeviceInfo) master).sid(), fault, code);
    }

    @Override
    public HwInfo hwInfo(IommuMaster master) {
        return iommu.hwInfo((DeviceInfo) master);
    }

    @Override
    public int viommuType() {
        return VtdViommu.TYPE;
    }

    @Override
    public Call<?> viommuInit(
            IommuMaster master,
            PagingDomain parent,
            int type,
            ViommuCore core,
            UserData data,
            RefCell<VirtualIommu> result) {
        return VtdViommu.init(iommu, parent, type, core, result);
    }

    /** A guest's first stage needs nesting: without it there is no virtual IOMMU. */
    @Override
    public @Nullable GuestIommu newGuest(GuestMemory memory, String name) {
        return iommu.nesting() ? new VtdGuest(iommu, memory, name) : null;
    }
}
