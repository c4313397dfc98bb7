package org.iommusim.amdvi.driver;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code amd_iommu_probe_device} and {@code amd_iommu_release_device}. A device's entry is there already, and blocks. Probing
 * error: EEXIST (the device id is taken).
 */
final class ProbeDevice extends Frame {
    private static final Footprint LIST = Footprint.of(Touches.DEVICE, Touches.UNIT);
    static final Program<ProbeDevice> PROBE = Program.<ProbeDevice>named("amd_iommu_probe_device")
            .lock("dev_data_list", f -> f.dev.iommu().devicesLock)
            .attempt("alloc_dev_data", HostCost.ALLOCATE, LIST, ProbeDevice::insert)
            .undoNow("dev_data_list")
            .step("dev_iommu_priv_set", HostCost.LOCAL, LIST, ProbeDevice::publish)
            .build();
    static final Program<ProbeDevice> RELEASE = Program.<ProbeDevice>named("amd_iommu_release_device")
            .invoke(
                    "attach the release domain",
                    f -> AttachDev.call(f.dev, f.dev.driver().blockedDomain()))
            .lock("dev_data_list", f -> f.dev.iommu().devicesLock)
            .step("free_dev_data", HostCost.ATOMIC, LIST, f -> f.dev.remove())
            .undoNow("dev_data_list")
            .build();

    private final DevData dev;
    private final @Nullable RefCell<IommuMaster> result;

    private ProbeDevice(DevData dev, @Nullable RefCell<IommuMaster> result) {
        super(dev.iommu().world());
        this.dev = dev;
        this.result = result;
    }

    static Call<?> probe(AmdViDriver driver, PciFunction function, RefCell<IommuMaster> result) {
        DevData dev = new DevData(driver, driver.iommu(), function, driver.blockedDomain());
        return new Call<>(PROBE, new ProbeDevice(dev, result));
    }

    static Call<?> release(DevData dev) {
        return new Call<>(RELEASE, new ProbeDevice(dev, null));
    }

    private int insert() {
        if (DevData.find(dev.iommu(), dev.deviceId()) != null) {
            return Errno.EEXIST;
        }
        dev.insert();
        return 0;
    }

    private void publish() {
        if (result != null) {
            result.set(dev);
        }
    }
}
