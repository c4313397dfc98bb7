package org.iommusim.vtd;

import java.util.List;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;

/** Makes VT-d known by name; there is no device behind the name yet. */
public final class VtdProvider implements IommuProvider {
    /** The word that scenarios use. */
    static final String KIND = "vtd";

    /** For {@link java.util.ServiceLoader}. */
    public VtdProvider() {}

    @Override
    public String kind() {
        return KIND;
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
        return VtdPresets.all();
    }

    @Override
    public List<Parameter> parameters() {
        return VtdParameters.all();
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        throw new IommuConfigException(
                "kind", "'vtd' (Intel VT-d), which is not simulated yet", "a kind that is, such as 'smmuv3'");
    }

    /**
     * Makes a device without a driver, for whoever programs it by hand.
     *
     * @throws IommuConfigException if a setting is impossible
     */
    public VtdDevice createDevice(IommuConfig config, IommuHost host) {
        try {
            return new VtdDevice(config.name(), config.resolve(this), host);
        } catch (IllegalArgumentException e) {
            // Sizes that are allowed one by one, but do not fit together.
            throw new IommuConfigException("parameters", String.valueOf(e.getMessage()), "sizes that fit together");
        }
    }
}
