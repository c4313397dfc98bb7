package org.iommusim.scenario.sweep;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;

/**
 * A value that is varied.
 *
 * @param pointer JSON pointer of its place in the scenario
 * @param values what comes there, as it is written: what is a number, {@code true}, {@code false} or a quoted string in JSON is
 *     that, anything else a string
 */
public record Axis(String pointer, List<String> values) {
    /** Copies the values. */
    public Axis {
        values = List.copyOf(values);
    }

    /**
     * Reads {@code POINTER=V1,V2,...}.
     *
     * @throws IllegalArgumentException if it is not of that form; the message says what was found and expected
     */
    public static Axis parse(String text) {
        int equals = text.indexOf('=');
        if (equals < 0) {
            throw new IllegalArgumentException("found '" + text + "', expected POINTER=V1,V2,...");
        }
        String pointer = text.substring(0, equals);
        if (!pointer.startsWith("/")) {
            throw new IllegalArgumentException(
                    "found the place '" + pointer + "', expected a JSON pointer such as /topology/traffic/0/window");
        }
        List<String> values = Arrays.asList(text.substring(equals + 1).split(",", -1));
        if (values.contains("")) {
            throw new IllegalArgumentException("found an empty value for " + pointer + ", expected V1,V2,...");
        }
        return new Axis(pointer, values);
    }

    /** One of the values as JSON. */
    static JsonValue json(String value) {
        try {
            JsonValue read = JsonReader.read(value.getBytes(StandardCharsets.UTF_8));
            boolean literal = read instanceof JsonValue.Number
                    || read instanceof JsonValue.Flag
                    || read instanceof JsonValue.Text;
            return literal ? read : new JsonValue.Text(value);
        } catch (JsonSyntaxException e) {
            return new JsonValue.Text(value); // 64KiB is no JSON, and need not be quoted
        }
    }
}
