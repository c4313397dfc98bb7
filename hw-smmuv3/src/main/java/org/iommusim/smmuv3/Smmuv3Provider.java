package org.iommusim.smmuv3;

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
import org.iommusim.smmuv3.driver.Smmuv3Driver;
import org.iommusim.smmuv3.driver.Smmuv3Variants;
import org.iommusim.smmuv3.vectors.EventFormat;

/** Makes SMMUv3 devices and their driver. */
public final class Smmuv3Provider implements IommuProvider {
    /** The word that scenarios use. */
    static final String KIND = "smmuv3";

    /** For {@link java.util.ServiceLoader}. */
    public Smmuv3Provider() {}

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String title() {
        return "Arm SMMUv3";
    }

    @Override
    public List<Preset> presets() {
        return Smmuv3Presets.all();
    }

    @Override
    public List<Parameter> parameters() {
        return Smmuv3Parameters.all();
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        Smmuv3Device device = createDevice(config, host);
        return new IommuUnit(device, new Smmuv3Driver(device, host));
    }

    @Override
    public IommuDevice createFromIdentification(String name, SortedMap<String, Long> registers, IommuHost host) {
        Identification identification = RecordedIdentification.of(registers);
        SortedMap<String, Long> values = new TreeMap<>(new IommuConfig(name, "", new TreeMap<>()).resolve(this));
        values.replaceAll((parameter, value) -> parameter.matches("walk_s[12]_l[0-3]") ? Long.valueOf(0) : value);
        return new Smmuv3Device(name, new Smmuv3Parameters(values), identification, host);
    }

    @Override
    public Optional<FaultRecordFormat> faultRecords() {
        return Optional.of(EventFormat.INSTANCE);
    }

    /**
     * Makes a device without a driver, for whoever programs it by hand.
     *
     * @throws IommuConfigException if a setting is impossible
     */
    public Smmuv3Device createDevice(IommuConfig config, IommuHost host) {
        try {
            return new Smmuv3Device(config.name(), config.resolve(this), host);
        } catch (IllegalArgumentException e) {
            // Sizes that are allowed one by one, but do not fit together.
            throw new IommuConfigException("parameters", String.valueOf(e.getMessage()), "sizes that fit together");
        }
    }

    @Override
    public List<Variant> variants() {
        return Smmuv3Variants.all();
    }
}
