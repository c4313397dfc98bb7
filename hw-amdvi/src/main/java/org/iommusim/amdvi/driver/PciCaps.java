package org.iommusim.amdvi.driver;

import org.iommusim.hw.pcie.Atc;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;

/** {@code pdev_enable_cap_ats}, {@code pdev_enable_cap_pri} and {@code pdev_disable_caps}. */
final class PciCaps extends Frame {
    private static final Footprint STATE = Footprint.of(Touches.DEVICE, Touches.UNIT);
    private static final Footprint REQUESTS = Footprint.of(Touches.IOPF, PciFunction.CONFIG_SPACE);
    static final Program<PciCaps> ENABLE_ATS = Program.<PciCaps>named("pdev_enable_cap_ats")
            .branch(
                    "ATS on both ends",
                    STATE,
                    f -> f.dev.atsSupported() && !f.dev.atsEnabled(),
                    p -> p.step(
                            "pci_enable_ats",
                            HostCost.MMIO_WRITE,
                            Atc.CONTROL.and(Touches.DEVICE),
                            f -> f.dev.enableAts(true)))
            .build();
    static final Program<PciCaps> ENABLE_PRI = Program.<PciCaps>named("pdev_enable_cap_pri")
            .branch(
                    "page requests on both ends",
                    STATE,
                    f -> f.dev.priSupported(),
                    p -> p.step("pci_enable_pri", HostCost.MMIO_WRITE, REQUESTS, f -> f.dev.enablePri(true)))
            .build();
    static final Program<PciCaps> DISABLE = Program.<PciCaps>named("pdev_disable_caps")
            .branch(
                    "pri_enabled",
                    REQUESTS,
                    f -> f.dev.priEnabled.get() != 0,
                    p -> p.step("pci_disable_pri", HostCost.MMIO_WRITE, REQUESTS, f -> f.dev.enablePri(false)))
            .branch(
                    "ats_enabled",
                    STATE,
                    f -> f.dev.atsEnabled(),
                    p -> p.step(
                            "pci_disable_ats",
                            HostCost.MMIO_WRITE,
                            Atc.CONTROL.and(Touches.DEVICE),
                            f -> f.dev.enableAts(false)))
            .build();

    private final DevData dev;

    private PciCaps(DevData dev) {
        super(dev.iommu().world());
        this.dev = dev;
    }

    static Call<?> call(Program<PciCaps> program, DevData dev) {
        return new Call<>(program, new PciCaps(dev));
    }
}
