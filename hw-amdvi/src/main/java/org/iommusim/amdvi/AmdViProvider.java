package org.iommusim.amdvi;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.amdvi.driver.AmdViDriver;
import org.iommusim.amdvi.driver.AmdViVariants;
import org.iommusim.amdvi.spec.Capability;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.amdvi.vectors.EventFormat;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.provider.FaultRecordFormat;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;
import org.iommusim.sim.variant.Variant;

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
    public List<Preset> presets() {
        return AmdViPresets.all();
    }

    @Override
    public List<Parameter> parameters() {
        return AmdViParameters.all();
    }

    @Override
    public IommuUnit create(IommuConfig config, IommuHost host) {
        AmdViDevice device = createDevice(config, host);
        return new IommuUnit(device, new AmdViDriver(device, capability(config.resolve(this)), host));
    }

    /** First word of the PCI capability, which the driver finds in configuration space. */
    private static int capability(SortedMap<String, Long> values) {
        AmdViParameters p = new AmdViParameters(values);
        long word = Capability.IOTLB_SUP.with(0, p.value("iotlb_sup"));
        return (int) Capability.NP_CACHE.with(word, p.value("np_cache"));
    }

    @Override
    public IommuDevice createFromIdentification(String name, SortedMap<String, Long> registers, IommuHost host) {
        Efr efr = RecordedUnit.efr(registers);
        SortedMap<String, Long> defaults = new IommuConfig(name, "", new TreeMap<>()).resolve(this);
        return new AmdViDevice(name, new AmdViParameters(RecordedUnit.parameters(defaults)), efr, host);
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
    public AmdViDevice createDevice(IommuConfig config, IommuHost host) {
        try {
            return new AmdViDevice(config.name(), config.resolve(this), host);
        } catch (IllegalArgumentException e) {
            // Sizes that are allowed one by one, but do not fit together.
            throw new IommuConfigException("parameters", String.valueOf(e.getMessage()), "sizes that fit together");
        }
    }

    @Override
    public List<Variant> variants() {
        return AmdViVariants.explored();
    }
}
