package org.iommusim.scenario.timing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;

/** What pcie-bench measured, by the name of a machine's directory. */
final class Measurements {
    private static final String FILE = "/timing/pcie-bench.json.gz";
    private static final String PREFIX = "nfp6000-1.2GHz_";

    private final Map<String, JsonValue> machines;

    private Measurements(Map<String, JsonValue> machines) {
        this.machines = machines;
    }

    static Measurements read() {
        try (InputStream in =
                new GZIPInputStream(Objects.requireNonNull(Measurements.class.getResourceAsStream(FILE), FILE))) {
            return new Measurements(
                    members(members(JsonReader.read(in.readAllBytes())).get("machines")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JsonSyntaxException e) {
            throw new IllegalStateException(FILE, e);
        }
    }

    private static Map<String, JsonValue> members(JsonValue value) {
        return ((JsonValue.Members) value).members();
    }

    /** One quantity by window in KiB. */
    SortedMap<Integer, Double> rows(String directory, String quantity) {
        SortedMap<Integer, Double> rows = new TreeMap<>(Comparator.naturalOrder());
        members(members(machines.get(PREFIX + directory)).get(quantity))
                .forEach((window, value) ->
                        rows.put(Integer.parseInt(window), Double.parseDouble(((JsonValue.Number) value).literal())));
        return rows;
    }
}
