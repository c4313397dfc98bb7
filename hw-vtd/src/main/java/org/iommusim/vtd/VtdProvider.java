package org.iommusim.vtd;

import java.util.List;
import org.iommusim.hw.iommu.IommuConfig;
import org.iommusim.hw.iommu.IommuConfigException;
import org.iommusim.hw.iommu.IommuHost;
import org.iommusim.hw.iommu.IommuProvider;
import org.iommusim.hw.iommu.Parameter;
import org.iommusim.hw.iommu.Preset;

/** Makes VT-d known by name; there is no device behind the name yet. */
public final class VtdProvider implements IommuProvider {
    /** For {@link java.util.ServiceLoader}. */
    public VtdProvider() {}

    @Override
    public String kind() {
        return "vtd";
    }

    @Override
    public String title() {
        return "Intel VT-d";
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
                "kind", "'vtd' (Intel VT-d), which is not simulated yet", "a kind that is, such as 'smmuv3'");
    }
}
