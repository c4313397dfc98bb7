package org.iommusim.hw.provider;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How one device is to be made.
 *
 * @param name name within the machine
 * @param preset name of a preset, or empty for the defaults
 * @param overrides parameter name to value
 */
public record IommuConfig(String name, String preset, SortedMap<String, Long> overrides) {
    /** Copies the overrides. */
    public IommuConfig {
        overrides = Collections.unmodifiableSortedMap(new TreeMap<>(overrides));
    }

    /**
     * All parameters of a provider with their effective values: default, then preset, then overrides.
     *
     * @throws IommuConfigException for an unknown preset or parameter, or a value out of range
     */
    public SortedMap<String, Long> resolve(IommuProvider provider) {
        SortedMap<String, Long> values = new TreeMap<>();
        SortedMap<String, Parameter> known = new TreeMap<>();
        for (Parameter p : provider.parameters()) {
            known.put(p.name(), p);
            values.put(p.name(), p.defaultValue());
        }
        if (!preset.isEmpty()) {
            Preset chosen = provider.presets().stream()
                    .filter(p -> p.name().equals(preset))
                    .findFirst()
                    .orElseThrow(() -> new IommuConfigException(
                            "preset",
                            "unknown preset '" + preset + "'",
                            "one of "
                                    + provider.presets().stream()
                                            .map(Preset::name)
                                            .toList()));
            values.putAll(chosen.values());
        }
        overrides.forEach((name, value) -> {
            Parameter p = known.get(name);
            if (p == null) {
                throw new IommuConfigException(name, "unknown parameter", "one of " + known.keySet());
            }
            if (value < p.min() || value > p.max()) {
                throw new IommuConfigException(
                        name, "found " + value, p.unit() + " from " + p.min() + " to " + p.max());
            }
            values.put(name, value);
        });
        return values;
    }
}
