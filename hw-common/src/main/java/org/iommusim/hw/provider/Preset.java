package org.iommusim.hw.provider;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A named set of parameters.
 *
 * @param name as scenarios spell it, e.g. {@code mmu-600}
 * @param description one sentence, with the source of the values
 * @param values parameter name to value; what is absent keeps its default
 * @param sources parameter name to where its value here is from, or {@code uncalibrated}; what is absent is in the
 *     description
 */
public record Preset(
        String name, String description, SortedMap<String, Long> values, SortedMap<String, String> sources) {
    /** Copies the maps. */
    public Preset {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
        sources = Collections.unmodifiableSortedMap(new TreeMap<>(sources));
        if (!values.keySet().containsAll(sources.keySet())) {
            throw new IllegalArgumentException("preset " + name + " has sources of what it does not set");
        }
    }

    /** A preset of these values. */
    public static Preset of(String name, String description, Map<String, Long> values) {
        return of(name, description, values, new TreeMap<>());
    }

    /** A preset of these values, each with its source. */
    public static Preset of(String name, String description, Map<String, Long> values, Map<String, String> sources) {
        return new Preset(name, description, new TreeMap<>(values), new TreeMap<>(sources));
    }
}
