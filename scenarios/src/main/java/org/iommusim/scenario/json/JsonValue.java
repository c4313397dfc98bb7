package org.iommusim.scenario.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of a JSON document. */
public sealed interface JsonValue {
    /** How a message calls it, e.g. {@code the number 5}. */
    String described();

    /**
     * An object.
     *
     * @param members in the order in which they stand
     */
    record Members(Map<String, JsonValue> members) implements JsonValue {
        /** Copies the members. */
        public Members {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        @Override
        public String described() {
            return "an object";
        }
    }

    /**
     * An array.
     *
     * @param elements in their order
     */
    record Elements(List<JsonValue> elements) implements JsonValue {
        /** Copies the elements. */
        public Elements {
            elements = List.copyOf(elements);
        }

        @Override
        public String described() {
            return "an array";
        }
    }

    /**
     * A string.
     *
     * @param text without quotes and escapes
     */
    record Text(String text) implements JsonValue {
        private static final int SHOWN = 60;

        @Override
        public String described() {
            String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
            StringBuilder quoted = new StringBuilder("\"");
            shown.chars().forEach(c -> quoted.append(c < ' ' || c == 0x7f ? '?' : (char) c));
            return quoted.append('"').toString();
        }
    }

    /**
     * A number.
     *
     * @param literal as it is written, so that nothing is rounded
     */
    record Number(String literal) implements JsonValue {
        @Override
        public String described() {
            return "the number " + literal;
        }
    }

    /**
     * true or false.
     *
     * @param value which
     */
    record Flag(boolean value) implements JsonValue {
        @Override
        public String described() {
            return Boolean.toString(value);
        }
    }

    /** null. */
    record Null() implements JsonValue {
        @Override
        public String described() {
            return "null";
        }
    }
}
