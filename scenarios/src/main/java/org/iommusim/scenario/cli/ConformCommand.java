package org.iommusim.scenario.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.iommusim.scenario.conform.Conformance;
import org.iommusim.scenario.conform.ConformanceReport;
import org.iommusim.scenario.language.ScenarioException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code conform}: replays recorded vectors against the models. */
@Command(
        name = "conform",
        description = "Replays recorded vectors against the models.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:all cases pass", "1:some failed", "2:the input or the command line is wrong"})
final class ConformCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(arity = "1..*", paramLabel = "VECTORS", description = "Files of vectors, .jsonl or .jsonl.gz.")
    private List<String> vectors = List.of();

    @Option(names = "--report", paramLabel = "FILE", description = "Write what became of every case, as JSON.")
    private @Nullable String report;

    @Option(names = "--filter", paramLabel = "REGEX", description = "Run only cases in whose id this is found.")
    private String filter = "";

    @Option(names = "--verbose", description = "Show every case, its steps, and decoded records.")
    private boolean verbose;

    ConformCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        int jobs = Runtime.getRuntime().availableProcessors();
        long start = System.nanoTime();
        ConformanceReport result = new Conformance(pattern(), verbose, jobs)
                .run(vectors, line -> console.out().println(line));
        double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
        console.out().flush();
        console.err()
                .println(String.format(
                        Locale.ROOT,
                        "%.2f s on the host with %d threads: %,d operations, %,.0f operations/s",
                        seconds,
                        jobs,
                        result.operations(),
                        result.operations() / seconds));
        if (report != null) {
            write(report, result);
        }
        return result.passed() ? Exit.OK : Exit.FAILED;
    }

    private Pattern pattern() {
        try {
            return Pattern.compile(filter);
        } catch (PatternSyntaxException e) {
            throw new ScenarioException(
                    "--filter", "", "found " + e.getDescription() + " in '" + filter + "'", "expected a pattern");
        }
    }

    private static void write(String file, ConformanceReport result) {
        try {
            Files.writeString(Path.of(file), result.json());
        } catch (IOException | InvalidPathException e) {
            throw new ScenarioException(file, "", "found no way to write it", "expected a file for the report");
        }
    }
}
