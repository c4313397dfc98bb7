package org.iommusim.vtd;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.sim.variant.Variant;
import org.iommusim.vtd.driver.VtdDriver;
import org.iommusim.vtd.driver.VtdVariants;
import org.iommusim.vtd.vectors.FaultFormat;

/** Makes VT-d units and their driver. */
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
    public List<Preset> presets() {
        return VtdPresets.all();
    }

    @Override
    public List<Parameter> parameters() {
        return VtdParameters.all();
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        VtdDevice device = createDevice(config, host);
        return new IommuUnit(device, new VtdDriver(device, host));
    }

    @Override
    public IommuDevice createFromIdentification(String name, SortedMap<String, Long> registers, IommuHost host) {
        RecordedUnit recorded = RecordedUnit.of(registers);
        SortedMap<String, Long> defaults = new IommuConfig(name, "", new TreeMap<>()).resolve(this);
        VtdParameters parameters = new VtdParameters(recorded.parameters(defaults));
        return new VtdDevice(name, parameters, recorded.version(), recorded.cap(), host);
    }

    @Override
    public Optional<FaultRecordFormat> faultRecords() {
        return Optional.of(FaultFormat.INSTANCE);
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

    @Override
    public List<Variant> variants() {
        return VtdVariants.explored();
    }
}
