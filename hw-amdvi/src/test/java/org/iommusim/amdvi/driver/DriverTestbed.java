package org.iommusim.amdvi.driver;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.iommusim.amdvi.AmdViProvider;
import org.iommusim.amdvi.spec.Capability;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.hw.driver.DriverBed;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.variant.Variant;
import org.iommusim.sim.world.RefCell;

/** A machine with one AMD IOMMU and its driver. */
final class DriverTestbed extends DriverBed<AmdViDriver> {
    private DriverTestbed(Function<IommuHost, IommuDevice> maker, int capability, Variant... variants) {
        super(List.of(variants), maker, (device, host) -> new AmdViDriver(device, capability, host));
    }

    /** With the real device, whose functions may have translation caches. */
    static DriverTestbed real(String preset) {
        return real(preset, Map.of());
    }

    /** The same with some parameters changed. */
    static DriverTestbed real(String preset, Map<String, Long> overrides) {
        TreeMap<String, Long> values = new TreeMap<>(overrides);
        values.put("iotlb_sup", 1L);
        return new DriverTestbed(
                host -> new AmdViProvider().createDevice(new IommuConfig("iommu0", preset, values), host),
                (int) Capability.IOTLB_SUP.mask());
    }

    /** With a device that only records commands, which is up. */
    static DriverTestbed fake(Efr efr, Variant... variants) {
        return probed(efr, (int) Capability.IOTLB_SUP.mask(), variants);
    }

    /** With a device that has cached what is not present. */
    static DriverTestbed npCache() {
        return probed(FakeAmdVi.HOST_ONLY, (int) Capability.NP_CACHE.mask());
    }

    /** With a device that somebody has left on, with everything. */
    static DriverTestbed leftOn() {
        DriverTestbed bed = new DriverTestbed(host -> new FakeAmdVi(host, FakeAmdVi.ALL), 0);
        bed.fake().register64(Reg.CONTROL, -1);
        bed.ok(bed.driver.probe());
        return bed;
    }

    private static DriverTestbed probed(Efr efr, int capability, Variant... variants) {
        DriverTestbed bed = new DriverTestbed(host -> new FakeAmdVi(host, efr), capability, variants);
        bed.ok(bed.driver.probe());
        bed.fake().commands.clear();
        return bed;
    }

    /** The driver's inside. */
    AmdIommu iommu() {
        return driver.iommu();
    }

    FakeAmdVi fake() {
        return (FakeAmdVi) device;
    }

    /** A device with a translation cache and a page request interface. */
    DevData withAts(int requesterId) {
        PciFunction function = function(requesterId);
        function.addAtc(sim, AtsSettings.DEFAULT);
        RefCell<IommuMaster> result = result();
        ok(driver.probeDevice(function, result));
        return (DevData) result.require();
    }

    AmdPaging paging(int flags) {
        return (AmdPaging) pagingDomain(flags);
    }

    AmdPaging parent() {
        return paging(IommuDriver.ALLOC_NEST_PARENT);
    }

    /** A device's entry as it is in memory. */
    long[] dte(int deviceId) {
        return UpdateDte.read(memory, iommu().dte(deviceId));
    }
}
