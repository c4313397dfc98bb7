package org.iommusim.vtd.driver;

import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/**
 * {@code iommu_enable_pci_ats}, {@code iommu_enable_pci_pri} and their opposites. In scalable mode both are on from probing to
 * releasing, in legacy mode ATS while a paging domain is attached. Page requests go on after ATS, and off before it.
 */
final class PciCaps extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE);
    private static final Footprint REQUESTS = Footprint.of(Touches.IOPF);
    private static final Footprint CONTROL = Footprint.of(PciFunction.CONFIG_SPACE);
    private static final Footprint SUPPORT = STATE.and(Touches.UNIT);
    static final Program<PciCaps> ENABLE_ATS = Program.<PciCaps>named("iommu_enable_pci_ats")
            .branch(
                    "ats_supported",
                    SUPPORT,
                    f -> f.info.atsSupported(),
                    p -> p.step(
                                    "pci_enable_ats",
                                    HostCost.MMIO_WRITE,
                                    Atc.CONTROL,
                                    f -> f.info.function().writeAtsControl(true))
                            .step("ats_enabled = 1", STATE, f -> f.info.atsEnabled.set(1)))
            .build();
    static final Program<PciCaps> DISABLE_ATS = Program.<PciCaps>named("iommu_disable_pci_ats")
            .branch(
                    "ats_enabled",
                    STATE,
                    f -> f.info.atsEnabled.get() != 0,
                    p -> p.step(
                                    "pci_disable_ats",
                                    HostCost.MMIO_WRITE,
                                    Atc.CONTROL,
                                    f -> f.info.function().writeAtsControl(false))
                            .step("ats_enabled = 0", STATE, f -> f.info.atsEnabled.set(0)))
            .build();
    static final Program<PciCaps> ENABLE_PRI = Program.<PciCaps>named("iommu_enable_pci_pri")
            .branch(
                    "pri_supported and ats_enabled",
                    STATE,
                    f -> f.info.priSupported.get() != 0 && f.info.atsEnabled.get() != 0,
                    p -> p.step(
                                    "pci_enable_pri",
                                    HostCost.MMIO_WRITE,
                                    CONTROL,
                                    f -> f.info.function().writePriControl(true))
                            .step("pri_enabled = 1", REQUESTS, f -> f.info.priEnabled.set(1)))
            .build();
    static final Program<PciCaps> DISABLE_PRI = Program.<PciCaps>named("iommu_disable_pci_pri")
            .branch(
                    "pri_enabled",
                    REQUESTS,
                    f -> f.info.priEnabled.get() != 0,
                    p -> p.step(
                                    "pci_disable_pri",
                                    HostCost.MMIO_WRITE,
                                    CONTROL,
                                    f -> f.info.function().writePriControl(false))
                            .step("pri_enabled = 0", REQUESTS, f -> f.info.priEnabled.set(0)))
            .build();

    private final DeviceInfo info;

    private PciCaps(DeviceInfo info) {
        super(info.iommu().world());
        this.info = info;
    }

    static Call<?> call(Program<PciCaps> program, DeviceInfo info) {
        return new Call<>(program, new PciCaps(info));
    }
}
