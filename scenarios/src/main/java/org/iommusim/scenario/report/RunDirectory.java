package org.iommusim.scenario.report;

import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.RunResult;

/** The files of one run. Those with one entry for each event are written while it goes on, the others at its end. */
public final class RunDirectory implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final Path directory;
    private final OutputStream trace;
    private final List<RunListener> listeners = new ArrayList<>();
    private final PerfettoTrace perfetto;
    private final BufferedWriter requests;

    /**
     * Opens the directory and the files that grow.
     *
     * @param withRequests true: also {@code requests.csv}
     * @throws ScenarioException if it cannot be written
     */
    public RunDirectory(Path directory, Scenario scenario, boolean withRequests) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
            trace = new BufferedOutputStream(Files.newOutputStream(directory.resolve("trace.perfetto-trace")), BUFFER);
            Path csv = directory.resolve("requests.csv");
            Files.deleteIfExists(csv);
            requests = withRequests
                    ? Files.newBufferedWriter(csv, StandardCharsets.UTF_8)
                    : new BufferedWriter(Writer.nullWriter());
        } catch (IOException e) {
            throw cannotWrite(directory);
        }
        perfetto = new PerfettoTrace(trace, scenario);
        listeners.add(perfetto);
        if (withRequests) {
            listeners.add(new RequestsCsv(requests, scenario));
        }
    }

    private static ScenarioException cannotWrite(Path directory) {
        return new ScenarioException(
                directory.toString(),
                "",
                "found no way to write there",
                "expected a directory that can be made or written");
    }

    /** Options by which a run writes into this directory. */
    public RunOptions listening(RunOptions options) {
        return options.listening(perfetto, new RunListeners(listeners), options.progress());
    }

    /** Writes what the end of a run shows. */
    public void finish(RunResult result) {
        perfetto.finish();
        String summary = SummaryJson.of(result);
        write("summary.json", summary);
        write("latency.csv", LatencyFiles.csv(result));
        write("latency.hgrm", LatencyFiles.hgrm(result.total()));
        write("report.html", HtmlReport.of(summary));
    }

    private void write(String name, String text) {
        try {
            Files.writeString(directory.resolve(name), text);
        } catch (IOException e) {
            throw cannotWrite(directory);
        }
    }

    @Override
    public void close() {
        try (trace;
                requests) {
            requests.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
