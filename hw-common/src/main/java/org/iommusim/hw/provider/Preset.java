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
 */
public record Preset(String name, String description, SortedMap<String, Long> values) {
    /** Copies the values. */
    public Preset {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /** A preset of these values. */
    public static Preset of(String name, String description, Map<String, Long> values) {
        return new Preset(name, description, new TreeMap<>(values));
    }
}
