package org.iommusim.hw.provider;

import java.util.SortedMap;
import org.iommusim.hw.cache.CacheShape;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.sim.time.ClockDomain;

/**
 * The values of one device's parameters, by name. A vendor adds what only its own devices are made of. Parameters of one
 * structure have names that begin alike: a cache {@code x} has {@code x_entries}, {@code x_ways} and {@code x_policy}.
 */
public class ParameterValues {
    private final SortedMap<String, Long> values;

    /** Takes resolved values; every parameter must be there. */
    protected ParameterValues(SortedMap<String, Long> values) {
        this.values = values;
    }

    /** Value of a parameter. */
    public final int value(String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no parameter " + name);
        }
        return Math.toIntExact(value);
    }

    /** True if a flag is set. */
    public final boolean flag(String name) {
        return value(name) != 0;
    }

    /** The shape of a cache whose parameters begin so; {@code seed} as in {@link CacheShape#seed}. */
    public final CacheShape cache(String prefix, int valuesOfEntry, long seed) {
        return new CacheShape(
                value(prefix + "_entries"),
                value(prefix + "_ways"),
                valuesOfEntry,
                Replacement.of(value(prefix + "_policy")),
                seed);
    }

    /** The clock of {@code clock_ps}. */
    public final ClockDomain clock() {
        return new ClockDomain(value("clock_ps"));
    }
}
