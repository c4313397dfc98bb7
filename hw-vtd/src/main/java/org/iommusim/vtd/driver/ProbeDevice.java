package org.iommusim.vtd.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.jspecify.annotations.Nullable;

/**
 * {@code intel_iommu_probe_device} and {@code intel_iommu_release_device}. In scalable mode a device gets a context entry and
 * an empty PASID table when it is probed, and ATS and page requests are switched on; what it may do, only the PASID entries
 * say. Probing errors: EEXIST (the source id is taken), ENOMEM.
 */
final class ProbeDevice extends Frame {
    private static final Footprint TREE = Footprint.of(Touches.DEVICE);
    static final Program<ProbeDevice> PROBE = probe();
    static final Program<ProbeDevice> RELEASE = release();

    private final DeviceInfo info;
    private final @Nullable RefCell<IommuMaster> result;

    private ProbeDevice(DeviceInfo info, @Nullable RefCell<IommuMaster> result) {
        super(info.iommu().world());
        this.info = info;
        this.result = result;
    }

    static Call<?> probe(VtdDriver driver, PciFunction function, RefCell<IommuMaster> result) {
        DeviceInfo info = new DeviceInfo(driver, driver.iommu(), function, driver.blockedDomain());
        return new Call<>(PROBE, new ProbeDevice(info, result));
    }

    static Call<?> release(DeviceInfo info) {
        return new Call<>(RELEASE, new ProbeDevice(info, null));
    }

    private static Program<ProbeDevice> probe() {
        return Program.<ProbeDevice>named("intel_iommu_probe_device")
                .step(
                        "pri_supported",
                        HostCost.LOCAL,
                        TREE.and(Touches.UNIT),
                        f -> f.info.priSupported.set(
                                f.asksForPages() && f.info.iommu().cap().pds() ? 1 : 0))
                .lock("device_rbtree_lock", f -> f.info.iommu().devicesLock)
                .take(
                        "device_rbtree_insert",
                        TREE.and(Touches.UNIT),
                        ProbeDevice::insert,
                        Undo.onFailure("device_rbtree_remove", TREE, f -> f.info.remove()))
                .undoNow("device_rbtree_lock")
                .when(
                        "scalable",
                        f -> f.info.iommu().scalable(),
                        p -> p.take(
                                        "intel_pasid_alloc_table",
                                        HostCost.ALLOCATE,
                                        Touches.PAGES,
                                        f -> PasidTable.allocate(f.info) ? 0 : Errno.ENOMEM,
                                        Undo.onFailure(
                                                "intel_pasid_free_table", Touches.PAGES, f -> PasidTable.free(f.info)))
                                .invoke("intel_pasid_setup_sm_context", f -> ContextMapping.set(f.info, f.context()))
                                .invoke("iommu_enable_pci_ats", f -> PciCaps.call(PciCaps.ENABLE_ATS, f.info))
                                .invoke("iommu_enable_pci_pri", f -> PciCaps.call(PciCaps.ENABLE_PRI, f.info)))
                .step("dev_iommu_priv_set", HostCost.LOCAL, TREE, ProbeDevice::publish)
                .build();
    }

    private static Program<ProbeDevice> release() {
        return Program.<ProbeDevice>named("intel_iommu_release_device")
                .invoke(
                        "attach the blocking domain",
                        f -> AttachDev.call(f.info, f.info.driver().blockedDomain()))
                .invoke("iommu_disable_pci_pri", f -> PciCaps.call(PciCaps.DISABLE_PRI, f.info))
                .invoke("iommu_disable_pci_ats", f -> PciCaps.call(PciCaps.DISABLE_ATS, f.info))
                .lock("iopf_lock", f -> f.info.iommu().iopfLock)
                .lock("device_rbtree_lock", f -> f.info.iommu().devicesLock)
                .step("device_rbtree_remove", HostCost.ATOMIC, TREE, f -> f.info.remove())
                .undoNow("device_rbtree_lock")
                .undoNow("iopf_lock")
                .when(
                        "scalable",
                        f -> f.info.iommu().scalable(),
                        p -> p.invoke("intel_pasid_teardown_sm_context", f -> ContextMapping.clear(f.info))
                                .step(
                                        "intel_pasid_free_table",
                                        HostCost.ATOMIC,
                                        Touches.PAGES,
                                        f -> PasidTable.free(f.info)))
                .step("kfree(info)", HostCost.ATOMIC, TREE, f -> f.info.released.set(1))
                .build();
    }

    /** Only devices with ATS are looked for: they time out, and ask for pages. */
    private int insert() {
        return !info.atsSupported() || info.insert() ? 0 : Errno.EEXIST;
    }

    /** Both ends have page requests. */
    boolean asksForPages() {
        return info.atsSupported()
                && info.function().asksForPages()
                && info.iommu().pageRequests();
    }

    private void publish() {
        if (result != null) {
            result.set(info);
        }
    }

    /** The device, for patches. */
    DeviceInfo info() {
        return info;
    }

    /** {@code device_pasid_table_setup}. */
    private long[] context() {
        int pdts = PasidTable.pdts(PasidTable.pages(info.maxPasids()));
        long[] entry = ScalableContextEntry.present(info.pasidDirectory.get(), pdts, IntelIommu.NO_PASID);
        ScalableContextEntry.DTE.put(entry, info.atsSupported() ? 1 : 0);
        ScalableContextEntry.PASIDE.put(entry, info.maxPasids() != 0 ? 1 : 0);
        ScalableContextEntry.PRE.put(entry, info.priSupported.get());
        return entry;
    }
}
