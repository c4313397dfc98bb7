package org.iommusim.amdvi.driver;

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

/** {@code drivers/iommu/amd}: the kernel's driver of one AMD IOMMU. See the package page. */
public final class AmdViDriver implements IommuDriver {
    /** Interrupt messages: a write there is no DMA. */
    private static final ReservedRegion MSI = new ReservedRegion(0xfee0_0000L, 0x10_0000L, ReservedRegion.Type.MSI);
    /** What HyperTransport has reserved. */
    private static final ReservedRegion HT =
            new ReservedRegion(0xfd_0000_0000L, 0x3_0000_0000L, ReservedRegion.Type.RESERVED);

    private final AmdIommu iommu;
    private final StaticDomain blocked;
    private final StaticDomain identity;
    private final InterruptThread eventThread;
    private final InterruptThread requestThread;

    /**
     * Makes the driver of a device and connects to its interrupts; {@link #probe} brings the device up.
     *
     * @param capability first word of the unit's PCI capability: {@link org.iommusim.amdvi.spec.Capability}
     */
    public AmdViDriver(IommuDevice device, int capability, IommuHost host) {
        iommu = new AmdIommu(device, capability, host);
        blocked = new StaticDomain(iommu, iommu.name(), iommu.world(), IommuDomain.Type.BLOCKED);
        identity = new StaticDomain(iommu, iommu.name(), iommu.world(), IommuDomain.Type.IDENTITY);
        eventThread = new InterruptThread(host.simulation(), device.name() + " evtlog", () -> EventThread.call(iommu));
        requestThread = new InterruptThread(host.simulation(), device.name() + " pprlog", () -> PprThread.call(iommu));
        device.connectInterrupts(this::interrupt);
    }

    private void interrupt(String source) {
        switch (source) {
            case "event-log" -> eventThread.raise();
            case "ppr-log" -> requestThread.raise();
            default -> {
                // completion-wait: waits are polled in memory, none asks for an interrupt.
            }
        }
    }

    /** What the driver knows of its unit. */
    AmdIommu iommu() {
        return iommu;
    }

    /** {@code amd_iommu_int_thread_pprlog}. */
    InterruptThread requestThread() {
        return requestThread;
    }

    @Override
    public List<List<String>> lockOrder() {
        return List.of(
                List.of("group->mutex", "dev_data->mutex", "domain->lock", "iommu->lock"),
                List.of("group->mutex", "dev_data->mutex", "dte_lock", "iommu->lock"),
                List.of("group->mutex", "dev_data->mutex", "dev_iommu->lock", "fault_param->lock", "iommu->lock"),
                List.of("group->mutex", "dev_data_list"),
                List.of("group->mutex", "xa_lock(vdevs)"),
                List.of("xa_lock(gdomid_array)"),
                List.of("pages->mutex", "domain->lock"));
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
        return EnableIommu.call(iommu);
    }

    @Override
    public Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result) {
        return ProbeDevice.probe(this, function, result);
    }

    @Override
    public Call<?> releaseDevice(IommuMaster master) {
        return ProbeDevice.release((DevData) master);
    }

    @Override
    public void connect(IommuMaster master, FaultCore core) {
        ((DevData) master).connect(core);
    }

    @Override
    public boolean capable(IommuMaster master, Capability capability) {
        return switch (capability) {
            case CACHE_COHERENCY -> true;
            case PCI_ATS_SUPPORTED -> ((DevData) master).atsSupported();
            case ENFORCE_CACHE_COHERENCY, DIRTY_TRACKING -> false;
        };
    }

    @Override
    public List<ReservedRegion> getResvRegions(IommuMaster master) {
        return iommu.efr().htRangeIgnore() ? List.of(MSI) : List.of(MSI, HT);
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
    public Call<?> domainFree(IommuDomain domain) {
        if (domain instanceof AmdNested nested) {
            return NestedDomain.free(nested);
        }
        return domain instanceof AmdPaging paging ? FreeDomain.call(paging) : NothingToDo.call(world());
    }

    @Override
    public Call<?> attachDev(IommuMaster master, IommuDomain domain) {
        return AttachDev.call((DevData) master, domain);
    }

    @Override
    public Call<?> setDevPasid(IommuMaster master, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        return SetDevPasid.call((DevData) master, domain, pasid, old);
    }

    /** Whether the device could ask for pages at all; the rest is {@link FaultQueue}. */
    @Override
    public int enableIopf(IommuMaster master) {
        DevData dev = (DevData) master;
        if (!dev.priSupported()) {
            return Errno.ENODEV;
        }
        dev.iopfUsers().add(1);
        return Errno.OK;
    }

    @Override
    public boolean ownsFaultQueue() {
        return true;
    }

    @Override
    public void disableIopf(IommuMaster master) {
        ((DevData) master).iopfUsers().add(-1);
    }

    @Override
    public Call<?> pageResponse(IommuMaster master, IommuFault fault, int code) {
        return PageResponse.call(iommu, ((DevData) master).deviceId(), fault, code);
    }

    @Override
    public HwInfo hwInfo(IommuMaster master) {
        return iommu.hwInfo((DevData) master);
    }

    @Override
    public int viommuType() {
        return AmdViommu.TYPE;
    }

    @Override
    public Call<?> viommuInit(
            IommuMaster master,
            PagingDomain parent,
            int type,
            ViommuCore core,
            UserData data,
            RefCell<VirtualIommu> result) {
        return AmdViommu.init(iommu, parent, type, core, result);
    }

    /** A guest's tables need nesting: without it there is no virtual IOMMU. */
    @Override
    public @Nullable GuestIommu newGuest(GuestMemory memory, String name) {
        return iommu.nesting() ? new AmdGuest(iommu, memory, name) : null;
    }
}
