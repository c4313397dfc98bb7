package org.iommusim.scenario.timing;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.IntStream;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.json.JsonEdit;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.iommusim.scenario.run.Runner;

/** Runs of the scenarios {@code pcie-bench-*} at windows and with numbers of requests in flight; each is run once. */
final class BenchRuns {
    /** How many reads the device has in flight when its throughput is measured. */
    static final int OUTSTANDING = 27;

    private final Map<String, TrafficResult> done = new ConcurrentSkipListMap<>();

    /** Runs windows in parallel; they have nothing to do with each other. */
    void prepare(BenchSeries series, Collection<Integer> windowsKib, int outstanding) {
        IntStream windows = windowsKib.stream().mapToInt(Integer::intValue);
        windows.parallel().forEach(window -> run(series, window, outstanding));
    }

    /** One DMA at a time. */
    TrafficResult latency(BenchSeries series, int windowKib) {
        return run(series, windowKib, 1);
    }

    /** Millions of requests a second, as many in flight as the device can have. */
    double throughput(BenchSeries series, int windowKib) {
        return run(series, windowKib, OUTSTANDING).rate().perSecond() / 1e6;
    }

    /** The same of a machine whose memory is cold: nothing is found in its last-level cache any sooner than in memory. */
    double coldThroughput(BenchSeries series, int windowKib) {
        String latency = "/topology/memory/latency";
        return changed(series, windowKib, tree -> JsonEdit.put(tree, "/topology/memory/llc_hit", at(tree, latency)));
    }

    /** The same of a unit without one of its ways to handle many requests. */
    double throughputWithout(String flag, BenchSeries series, int windowKib) {
        return changed(
                series, windowKib, tree -> JsonEdit.put(tree, "/topology/iommus/0/parameters/" + flag, number(0)));
    }

    private static double changed(BenchSeries series, int windowKib, Change change) {
        return measured(series, windowKib, OUTSTANDING, change).rate().perSecond() / 1e6;
    }

    /** A change of a scenario. */
    private interface Change {
        JsonValue of(JsonValue tree) throws JsonSyntaxException;
    }

    private static JsonValue at(JsonValue tree, String pointer) {
        JsonValue value = tree;
        for (String name : pointer.substring(1).split("/")) {
            value = Objects.requireNonNull(((JsonValue.Members) value).members().get(name), pointer);
        }
        return value;
    }

    private TrafficResult run(BenchSeries series, int windowKib, int outstanding) {
        return done.computeIfAbsent(
                series.title() + " " + windowKib + " " + outstanding,
                key -> measured(series, windowKib, outstanding, tree -> tree));
    }

    private static TrafficResult measured(BenchSeries series, int windowKib, int outstanding, Change change) {
        RunResult result = Runner.run(scenario(series, windowKib, outstanding, change), RunOptions.DEFAULT);
        if (!result.passed()) {
            throw new AssertionError(series.title() + " at " + windowKib + " KiB: " + result.verdicts());
        }
        return result.traffics().get(0);
    }

    private static Scenario scenario(BenchSeries series, int windowKib, int outstanding, Change change) {
        ScenarioSource source = Library.find("pcie-bench-" + series.scenario());
        try {
            JsonValue tree = JsonReader.read(source.utf8());
            tree = JsonEdit.put(tree, "/topology/traffic/0/window", new JsonValue.Text(windowKib + "KiB"));
            tree = JsonEdit.put(tree, "/topology/traffic/0/outstanding", number(outstanding));
            tree = JsonEdit.put(tree, "/topology/iommus/0/parameters/sslps", number(series.superPages() ? 3 : 0));
            tree = change.of(tree);
            byte[] utf8 = new JsonOutput().add(tree).text().getBytes(StandardCharsets.UTF_8);
            return TestScenarios.load(utf8, source.attachments());
        } catch (JsonSyntaxException e) {
            throw new IllegalStateException(series.title(), e);
        }
    }

    private static JsonValue number(int value) {
        return new JsonValue.Number(Integer.toString(value));
    }
}
