package org.iommusim.scenario.conform.iommufd;

import java.util.Map;
import java.util.TreeMap;

/**
 * What symbols stand for. A symbol keeps its number for ever: when the object is gone, it names whatever has that number
 * then.
 */
final class Symbols {
    private final Map<String, Long> values = new TreeMap<>();

    void bind(String name, long value) {
        values.put(name, value);
    }

    boolean bound(String name) {
        return values.containsKey(name);
    }

    /** The number of a symbol; {@link UnboundSymbolException} if it has none. */
    long value(String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new UnboundSymbolException(name);
        }
        return value;
    }
}
