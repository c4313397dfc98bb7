package org.iommusim.vtd.driver;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import org.iommusim.hw.driver.DriverBed;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.variant.Variant;
import org.iommusim.sim.world.RefCell;
import org.iommusim.vtd.VtdProvider;
import org.iommusim.vtd.spec.Cap;

/** A machine with one VT-d unit and its driver. */
final class DriverTestbed extends DriverBed<VtdDriver> {
    private DriverTestbed(List<Variant> variants, Function<IommuHost, IommuDevice> maker) {
        super(variants, maker, VtdDriver::new);
    }

    /** With a device that only records invalidations. */
    static DriverTestbed fake(Cap cap, Variant... variants) {
        return new DriverTestbed(List.of(variants), host -> new FakeVtd(host, cap));
    }

    /** With the real device. */
    static DriverTestbed real(String preset) {
        return new DriverTestbed(
                List.of(),
                host -> new VtdProvider().createDevice(new IommuConfig("dmar0", preset, new TreeMap<>()), host));
    }

    /** The driver's inside. */
    IntelIommu iommu() {
        return driver.iommu();
    }

    FakeVtd fake() {
        return (FakeVtd) device;
    }

    /** A device with a translation cache and a page request interface. */
    DeviceInfo withAts(int requesterId) {
        PciFunction function = function(requesterId);
        function.addAtc(sim, AtsSettings.DEFAULT);
        RefCell<IommuMaster> result = result();
        ok(driver.probeDevice(function, result));
        return (DeviceInfo) result.require();
    }

    /** A first stage of user space over a parent. */
    DmarNested nested(IommuMaster master, DmarPaging parent, VtdS1 config) {
        RefCell<IommuDomain> result = result();
        ok(driver.domainAllocNested(master, parent, 0, config.toUserData(), result));
        return (DmarNested) result.require();
    }

    DmarPaging paging(int flags) {
        return (DmarPaging) pagingDomain(flags);
    }

    DmarPaging parent() {
        return paging(IommuDriver.ALLOC_NEST_PARENT);
    }
}
