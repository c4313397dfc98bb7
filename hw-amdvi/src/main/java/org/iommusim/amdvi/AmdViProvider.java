package org.iommusim.amdvi;

import java.util.List;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;

/** Makes AMD-Vi units. */
public final class AmdViProvider implements IommuProvider {
    /** The word that scenarios use. */
    static final String KIND = "amdvi";

    /** For {@link java.util.ServiceLoader}. */
    public AmdViProvider() {}

    @Override
    public String kind() {
        return KIND;
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
        return AmdViPresets.all();
    }

    @Override
    public List<Parameter> parameters() {
        return AmdViParameters.all();
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        throw new IommuConfigException(
                "kind", "'amdvi' (AMD IOMMU (AMD-Vi)), which has no driver yet", "a kind that has, such as 'smmuv3'");
    }

    /**
     * Makes a device without a driver, for whoever programs it by hand.
     *
     * @throws IommuConfigException if a setting is impossible
     */
    public AmdViDevice createDevice(IommuConfig config, IommuHost host) {
        try {
            return new AmdViDevice(config.name(), config.resolve(this), host);
        } catch (IllegalArgumentException e) {
            // Sizes that are allowed one by one, but do not fit together.
            throw new IommuConfigException("parameters", String.valueOf(e.getMessage()), "sizes that fit together");
        }
    }
}
