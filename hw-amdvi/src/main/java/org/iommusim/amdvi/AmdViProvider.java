package org.iommusim.amdvi;

import java.util.List;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;

/** Makes AMD-Vi known by name; there is no device behind the name yet. */
public final class AmdViProvider implements IommuProvider {
    /** For {@link java.util.ServiceLoader}. */
    public AmdViProvider() {}

    @Override
    public String kind() {
        return "amdvi";
    }

    @Override
    public String title() {
        return "AMD IOMMU (AMD-Vi)";
    }

    @Override
    public boolean simulated() {
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
    public IommuUnit create(IommuConfig config, IommuHost host) {
        throw new IommuConfigException(
                "kind", "'amdvi' (AMD IOMMU (AMD-Vi)), which is not simulated yet", "a kind that is, such as 'smmuv3'");
    }
}
