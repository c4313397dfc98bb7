package org.iommusim.scenario.timing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.hw.provider.Parameter;
import org.iommusim.hw.provider.Preset;

/**
 * The generated half of docs/timing.md: every row measured and simulated, predictions, where the parameters are from, and
 * which are from nowhere.
 */
final class BenchPage {
    static final Path FILE = Path.of("..", "docs", "timing.md");
    private static final String MARK = "<!-- From here on this file is generated. -->\n";
    private static final int SMALLEST_KIB = 256;

    private final Measurements measured;
    private final BenchRuns runs;
    private final StringBuilder text = new StringBuilder();

    BenchPage(Measurements measured, BenchRuns runs) {
        this.measured = measured;
        this.runs = runs;
    }

    /** The whole page; what people wrote is kept. */
    String text() {
        try {
            String page = Files.readString(FILE);
            text.append(page, 0, page.indexOf(MARK) + MARK.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        text.append("\n## Latency, one read at a time\n");
        BenchSeries.ALL.forEach(this::latencies);
        text.append("\n## Throughput, ").append(BenchRuns.OUTSTANDING).append(" reads in flight\n");
        throughput(BenchSeries.CALIBRATED, "set from this curve");
        throughput(BenchSeries.PREDICTED, "predicted");
        predicted();
        text.append("\n## Parameters\n");
        IommuProvider.find("vtd").orElseThrow().presets().stream()
                .filter(preset -> preset.name().startsWith("xeon-"))
                .forEach(this::parameters);
        uncalibrated();
        return text.toString();
    }

    /** What nobody has measured, or nobody has published: defaults that are only plausible. */
    private void uncalibrated() {
        text.append("\n## Defaults without a measurement\n");
        for (IommuProvider provider : IommuProvider.all()) {
            List<Parameter> open = provider.parameters().stream()
                    .filter(parameter -> parameter.source().equals("uncalibrated"))
                    .toList();
            if (!open.isEmpty()) {
                text.append("\n### ").append(provider.kind());
                text.append("\n\n| parameter | default | what it is |\n| --- | --- | --- |\n");
                open.forEach(parameter -> row(
                        "`" + parameter.name() + "`",
                        parameter.defaultValue() + " " + parameter.unit(),
                        parameter.description()));
            }
        }
    }

    private void latencies(BenchSeries series) {
        text.append("\n### ").append(series.title()).append("\n\n");
        text.append("| window | measured mean, ns | simulated | | measured median, ns | simulated | |\n");
        text.append("| --- | --- | --- | --- | --- | --- | --- |\n");
        SortedMap<Integer, Double> medians = measured.rows(series.directory(), "lat64_ns_med_HWarm");
        measured.rows(series.directory(), "lat64_ns_avg_HWarm").forEach((window, mean) -> {
            double ownMean = runs.latency(series, window).latency().mean() / 1000.0;
            double ownMedian = runs.latency(series, window).latency().p50() / 1000.0;
            row(window(window), pair(mean, ownMean), pair(medians.get(window), ownMedian));
        });
    }

    private void throughput(BenchSeries series, String how) {
        text.append("\n### ").append(series.title()).append(": ").append(how).append("\n\n");
        text.append("| window | measured, million reads/s | simulated | |\n| --- | --- | --- | --- |\n");
        measured.rows(series.directory(), "read64_Mtps_HWarm")
                .tailMap(SMALLEST_KIB)
                .forEach((window, rate) -> row(window(window), pair(rate, runs.throughput(series, window))));
    }

    private void predicted() {
        text.append("\n### The other machines, 4 KiB pages: predicted\n\nMillion reads a second.\n\n| window |");
        BenchSeries[] others = BenchSeries.ALL.stream()
                .filter(s -> !s.superPages() && !s.equals(BenchSeries.CALIBRATED))
                .toArray(BenchSeries[]::new);
        StringBuilder line = new StringBuilder("| --- |");
        for (BenchSeries series : others) {
            text.append(' ').append(series.scenario()).append(" |");
            line.append(" --- |");
        }
        text.append('\n').append(line).append('\n');
        for (int window : measured.rows(BenchSeries.CALIBRATED.directory(), "read64_Mtps_HWarm")
                .tailMap(SMALLEST_KIB)
                .keySet()) {
            text.append("| ").append(window(window)).append(" |");
            for (BenchSeries series : others) {
                text.append(' ').append(number(runs.throughput(series, window))).append(" |");
            }
            text.append('\n');
        }
    }

    private void parameters(Preset preset) {
        text.append("\n### ").append(preset.name()).append("\n\n| parameter | value | source |\n| --- | --- | --- |\n");
        Map<String, Long> values = new TreeMap<>(preset.values());
        values.forEach((name, value) ->
                row("`" + name + "`", value.toString(), preset.sources().get(name)));
    }

    private void row(String... cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String pair(double real, double simulated) {
        return number(real) + " | " + number(simulated) + " | "
                + String.format(Locale.ROOT, "%+.1f %%", (simulated / real - 1) * 100);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String window(int kib) {
        return kib < 1024 || kib % 1024 != 0 ? kib + " KiB" : kib / 1024 + " MiB";
    }
}
