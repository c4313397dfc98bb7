package org.iommusim.vtd.driver;

import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Program;

/**
 * {@code devtlb_invalidation_with_pasid}, {@code __context_flush_dev_iotlb}: everything that one device has cached goes. A
 * device that has vanished is not asked: it would never answer, and the queue has no timeout in software.
 */
final class DeviceTlbFlush extends Frame {
    static final Program<DeviceTlbFlush> PROGRAM = Program.<DeviceTlbFlush>named("devtlb_invalidation_with_pasid")
            .branch(
                    "ats_enabled",
                    Footprint.of(Touches.DEVICE),
                    f -> f.info.atsEnabled.get() != 0,
                    p -> p.branch(
                            "pci_device_is_present",
                            Footprint.of(PciFunction.CONFIG_SPACE),
                            f -> f.info.function().present(),
                            q -> q.invokeIgnoringError(
                                    "qi_flush_dev_iotlb",
                                    f -> f.info.iommu().qi().submit(Flushes.deviceTlbAll(f.info, f.pasid)))))
            .build();

    private final DeviceInfo info;
    private final int pasid;

    private DeviceTlbFlush(DeviceInfo info, int pasid) {
        super(info.iommu().world());
        this.info = info;
        this.pasid = pasid;
    }

    static Call<?> call(DeviceInfo info, int pasid) {
        return new Call<>(PROGRAM, new DeviceTlbFlush(info, pasid));
    }
}
