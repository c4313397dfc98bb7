package org.iommusim.hw.provider;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.sim.variant.Variant;

/** A vendor: makes devices of one kind and the kernel driver that programs them. Registered for {@link ServiceLoader}. */
public interface IommuProvider {
    /** The word that scenarios use: {@code smmuv3}, {@code amdvi}, {@code vtd}. */
    String kind();

    /** The architecture's name for humans, e.g. {@code Arm SMMUv3}. */
    String title();

    /** False while the vendor is only a name: {@link #create} then always says so. */
    default boolean simulated() {
        return true;
    }

    /** False for an IOMMU that nobody has built: there is nothing that a recorded vector could be compared with. */
    default boolean architected() {
        return true;
    }

    /** Named sets of parameters. */
    List<Preset> presets();

    /** What can be set, with units, defaults, ranges and sources; also what presets are made of. */
    List<Parameter> parameters();

    /**
     * Makes a device and its driver.
     *
     * @throws IommuConfigException if a setting is impossible, or if this vendor cannot be simulated yet
     */
    IommuUnit create(IommuConfig config, IommuHost host);

    /**
     * Makes a device that can do exactly what recorded identification and capability registers say: a capability that is
     * absent there is absent in the model. It is made for comparing results with those of another implementation, and
     * whoever does so brings the software: walk caches are off, and there is no driver.
     *
     * @param name name within the machine
     * @param registers register name as the architecture spells it, and what it reads as
     * @throws IommuConfigException if a register is missing or unknown, if the registers ask for what the model cannot do,
     *     or if this vendor cannot be made so
     */
    default IommuDevice createFromIdentification(String name, SortedMap<String, Long> registers, IommuHost host) {
        throw new IommuConfigException(
                "idregs",
                "identification registers of '" + kind() + "', which is not simulated from them yet",
                "a kind that is");
    }

    /** How this vendor's fault records are read, if there are any. */
    default Optional<FaultRecordFormat> faultRecords() {
        return Optional.empty();
    }

    /** Known bugs of this vendor's driver, by name. */
    default List<Variant> variants() {
        return List.of();
    }

    /** A device together with its driver. */
    record IommuUnit(IommuDevice device, IommuDriver driver) {}

    /** The provider of a kind, if there is one. */
    static Optional<IommuProvider> find(String kind) {
        return all().stream().filter(p -> p.kind().equals(kind)).findFirst();
    }

    /** All providers, ordered by kind. */
    static List<IommuProvider> all() {
        return ServiceLoader.load(IommuProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(IommuProvider::kind))
                .toList();
    }
}
