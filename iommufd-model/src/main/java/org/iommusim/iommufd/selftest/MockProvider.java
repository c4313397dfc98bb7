package org.iommusim.iommufd.selftest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.sim.variant.Variant;

/** The mock as an IOMMU of a scenario: the cheapest one where only objects matter. */
public final class MockProvider implements IommuProvider {
    /** The kind of the mock IOMMU. */
    public static final String KIND = "mock";

    private static final Parameter MSI_WINDOW = new Parameter(
            "msi_window",
            "flag",
            0,
            0,
            1,
            "1: its devices keep 1 MiB at 0x8000000 free for MSIs, as those of other IOMMUs do.",
            "0: the kernel's mock");

    private static final Parameter PASIDS = new Parameter(
            "pasids",
            "flag",
            0,
            0,
            1,
            "1: its devices have PASIDs.",
            "0: the kernel's mock, if it is not asked for them");

    /** For {@link java.util.ServiceLoader}. */
    public MockProvider() {}

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String title() {
        return "mock IOMMU of the kernel's iommufd selftest";
    }

    @Override
    public boolean architected() {
        return false;
    }

    @Override
    public List<Preset> presets() {
        return List.of();
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(MSI_WINDOW, PASIDS);
    }

    @Override
    public List<Variant> variants() {
        List<Variant> all = new ArrayList<>(MockVariants.all());
        all.addAll(MockBugs.all());
        return all;
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        Map<String, Long> values = config.resolve(this);
        boolean msiWindow = values.getOrDefault(MSI_WINDOW.name(), 0L) != 0;
        int flags = values.getOrDefault(PASIDS.name(), 0L) != 0 ? MockMaster.PASID : 0;
        MockDriver driver =
                new MockDriver(host.simulation(), host.memory(), host.pages(), config.name(), msiWindow, flags);
        return new IommuUnit(driver.device(), driver);
    }
}
