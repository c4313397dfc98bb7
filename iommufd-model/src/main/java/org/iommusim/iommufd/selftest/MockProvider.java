package org.iommusim.iommufd.selftest;

import java.util.List;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.sim.variant.Variant;

/** The mock as an IOMMU of a scenario: the cheapest one where only objects matter. It has nothing to set. */
public final class MockProvider implements IommuProvider {
    /** The kind of the mock IOMMU. */
    public static final String KIND = "mock";

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
        return List.of();
    }

    @Override
    public List<Variant> variants() {
        return MockVariants.all();
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        config.resolve(this);
        MockDriver driver = new MockDriver(host.simulation(), host.memory(), host.pages(), config.name());
        return new IommuUnit(driver.device(), driver);
    }
}
