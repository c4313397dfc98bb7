package org.iommusim.smmuv3.driver;

import java.util.List;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
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
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;

/** {@code arm-smmu-v3.c}: the kernel's driver of one SMMUv3. See the package page. */
public final class Smmuv3Driver implements IommuDriver {
    private static final Program<DeviceFrame> PROBE_DEVICE = Program.<DeviceFrame>named("arm_smmu_probe_device")
            .check("StreamID in range", Footprint.of(Touches.DEVICE_DATA), DeviceFrame::sidFits, Errno.EINVAL)
            .lock("streams_mutex", f -> f.smmu().streamsMutex)
            .step("arm_smmu_insert_master", HostCost.ATOMIC, Footprint.of(Touches.MASTER), DeviceFrame::insert)
            .build();
    private static final Program<ReleaseFrame> RELEASE_DEVICE = Program.<ReleaseFrame>named("arm_smmu_release_device")
            .invoke("attach blocked", f -> AttachDev.call(f.master, f.driver.blocked))
            .lock("streams_mutex", f -> f.driver.smmu.streamsMutex)
            .step("arm_smmu_remove_master", HostCost.ATOMIC, Footprint.of(Touches.MASTER), f -> f.master.remove())
            .build();
    private static final Program<ViommuFrame> VIOMMU_INIT = Program.<ViommuFrame>named("arm_vsmmu_init")
            .check("type", Footprint.of(Touches.DEVICE_DATA), ViommuFrame::typeSupported, Errno.EOPNOTSUPP)
            .check("parent of this SMMU", ViommuFrame::parentFits, Errno.EINVAL)
            .step("init", HostCost.LOCAL, Footprint.LOCAL, ViommuFrame::make)
            .build();

    private final ArmSmmu smmu;
    private final EventQueue evtq;
    private final StaticDomain blocked;
    private final StaticDomain identity;
    private final InterruptThread evtqThread;
    private final InterruptThread gerrorThread;

    /** Makes the driver of a device and connects to its interrupts; {@link #probe} brings the device up. */
    public Smmuv3Driver(IommuDevice device, IommuHost host) {
        smmu = new ArmSmmu(device, host);
        evtq = new EventQueue(smmu, smmu.world());
        blocked = new StaticDomain(smmu, smmu.name(), smmu.world(), IommuDomain.Type.BLOCKED);
        identity = new StaticDomain(smmu, smmu.name(), smmu.world(), IommuDomain.Type.IDENTITY);
        evtqThread = new InterruptThread(host.simulation(), device.name() + " evtq", () -> EvtqThread.call(smmu, evtq));
        gerrorThread =
                new InterruptThread(host.simulation(), device.name() + " gerror", () -> GerrorHandler.call(smmu));
        device.connectInterrupts(this::interrupt);
    }

    private void interrupt(String source) {
        switch (source) {
            case "eventq" -> evtqThread.raise();
            case "gerror" -> gerrorThread.raise();
            default -> {
                // cmd-sync: the waiting task polls memory or CONS and needs no handler.
            }
        }
    }

    /** What the driver knows of its SMMU; for tests. */
    ArmSmmu smmu() {
        return smmu;
    }

    @Override
    public List<List<String>> lockOrder() {
        return List.of(
                List.of("group->mutex", "arm_smmu_asid_lock", "streams_mutex", "veventqs_rwsem"),
                List.of("arm_smmu_asid_lock", "xa_lock(vdevs)"),
                List.of("streams_mutex", "cmdq->lock"),
                List.of("pages->mutex", "cmdq->lock"));
    }

    @Override
    public void listen(DriverListener listener) {
        smmu.listen(listener);
    }

    /** Event records taken out of the queue so far. */
    public long eventsTaken() {
        return evtq.taken();
    }

    /** How often the event queue had lost records when the driver looked. */
    public long eventOverflows() {
        return evtq.overflows();
    }

    @Override
    public World world() {
        return smmu.world();
    }

    @Override
    public IommuDevice device() {
        return smmu.device();
    }

    @Override
    public Call<?> probe() {
        return Probe.call(smmu, evtq);
    }

    @Override
    public Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result) {
        return new Call<>(PROBE_DEVICE, new DeviceFrame(this, function, result));
    }

    @Override
    public Call<?> releaseDevice(IommuMaster master) {
        return new Call<>(RELEASE_DEVICE, new ReleaseFrame(this, (Smmuv3Master) master));
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
        return AllocPaging.call(smmu, flags, data, result);
    }

    @Override
    public Call<?> domainFree(IommuDomain domain) {
        if (domain instanceof Smmuv3PagingDomain paging) {
            return FreeDomain.call(paging);
        }
        return NothingToDo.call(smmu.world()); // nothing but two words of a nested domain
    }

    /** {@code arm_smmu_enable_iopf}: PCIe devices cannot stall, so that none comes to the fault queue; no error. */
    @Override
    public int enableIopf(IommuMaster master) {
        return Errno.OK;
    }

    @Override
    public Call<?> attachDev(IommuMaster master, IommuDomain domain) {
        return AttachDev.call((Smmuv3Master) master, domain);
    }

    @Override
    public HwInfo hwInfo(IommuMaster master) {
        return smmu.hwInfo();
    }

    @Override
    public int viommuType() {
        return Smmuv3Viommu.TYPE;
    }

    @Override
    public Call<?> viommuInit(
            IommuMaster master,
            PagingDomain parent,
            int type,
            ViommuCore core,
            UserData data,
            RefCell<VirtualIommu> result) {
        return new Call<>(VIOMMU_INIT, new ViommuFrame(this, parent, type, core, result));
    }

    @Override
    public GuestIommu newGuest(GuestMemory memory, String name) {
        return new Smmuv3Guest(smmu, memory, name);
    }

    /** Frame of {@link #probeDevice}. */
    private static final class DeviceFrame extends Frame {
        final Smmuv3Driver driver;
        final PciFunction function;
        final RefCell<IommuMaster> result;

        DeviceFrame(Smmuv3Driver driver, PciFunction function, RefCell<IommuMaster> result) {
            super(driver.smmu.world());
            this.driver = driver;
            this.function = function;
            this.result = result;
        }

        ArmSmmu smmu() {
            return driver.smmu;
        }

        boolean sidFits() {
            return function.requesterId() >>> smmu().streamBits() == 0;
        }

        /** Its entry aborts already: that is what the blocked domain means. */
        void insert() {
            Smmuv3Master master = new Smmuv3Master(driver, smmu(), function, driver.blocked);
            master.insert();
            result.set(master);
        }
    }

    /** Frame of {@link #releaseDevice}. */
    private static final class ReleaseFrame extends Frame {
        final Smmuv3Driver driver;
        final Smmuv3Master master;

        ReleaseFrame(Smmuv3Driver driver, Smmuv3Master master) {
            super(driver.smmu.world());
            this.driver = driver;
            this.master = master;
        }
    }

    /** Frame of {@link #viommuInit}. */
    private static final class ViommuFrame extends Frame {
        final Smmuv3Driver driver;
        final PagingDomain parent;
        final int type;
        final ViommuCore core;
        final RefCell<VirtualIommu> result;

        ViommuFrame(Smmuv3Driver driver, PagingDomain parent, int type, ViommuCore core, RefCell<VirtualIommu> result) {
            super(driver.smmu.world());
            this.driver = driver;
            this.parent = parent;
            this.type = type;
            this.core = core;
            this.result = result;
        }

        /** Without coherent walks or S2FWB a guest could read around the caches. */
        boolean typeSupported() {
            ArmSmmu smmu = driver.smmu;
            return type == Smmuv3Viommu.TYPE
                    && smmu.nesting()
                    && (smmu.ids().coherent() || smmu.ids().fwb());
        }

        boolean parentFits() {
            return parent instanceof Smmuv3PagingDomain ours && ours.smmu() == driver.smmu && ours.nestParent();
        }

        void make() {
            result.set(new Smmuv3Viommu(driver.smmu, (Smmuv3PagingDomain) parent, core));
        }
    }
}
