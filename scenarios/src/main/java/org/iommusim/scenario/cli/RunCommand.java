package org.iommusim.scenario.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.scenario.log.RunLog;
import org.iommusim.scenario.report.FailNthReport;
import org.iommusim.scenario.report.Paint;
import org.iommusim.scenario.report.RunDirectory;
import org.iommusim.scenario.report.SummaryJson;
import org.iommusim.scenario.report.TextReport;
import org.iommusim.scenario.run.FailNthCampaign;
import org.iommusim.scenario.run.FailNthCampaign.Injection;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.Runner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code run}: one timed run. */
@Command(
        name = "run",
        description = "Runs a scenario once, in simulated time: timeline, latencies, expectations, digest.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all expectations hold",
            "1:one failed, or a check reported a violation",
            "2:the scenario or the command line is wrong"
        })
final class RunCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "SCENARIO", description = "A file or a bundled name.")
    private String scenario = "";

    @Option(names = "--seed", paramLabel = "N", description = "Use this seed instead of the scenario's.")
    private @Nullable Long seed;

    @Option(
            names = "--kernel",
            paramLabel = "POLICY",
            description = "Use this kernel policy instead of the scenario's.")
    private @Nullable String kernel;

    @Option(names = "--out", paramLabel = "DIR", description = "Write summary, latencies, trace and report there.")
    private @Nullable Path directory;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Option(names = "--requests", description = "With --out: also requests.csv, one row for each DMA request.")
    private boolean requests;

    @Option(names = "--strict", description = "Count accepted deviations as violations.")
    private boolean strict;

    @Option(
            names = "--fail-nth",
            description =
                    "Run it again and again, each time with the next allocation, look-up or copy of the kernel made"
                            + " to fail, until none is left; only what checks report counts.")
    private boolean failNth;

    @Spec
    private @Nullable CommandSpec spec;

    private String speed = "";

    RunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Scenario loaded = load();
        if (requests && directory == null) {
            throw wrong("found --requests without --out, expected a directory for requests.csv");
        }
        if (failNth) {
            return failing(loaded);
        }
        RunResult result =
                directory == null ? run(loaded, RunOptions.DEFAULT.strict(strict)) : runInto(directory, loaded);
        Paint paint = console.colour() ? Paint.ANSI : Paint.PLAIN;
        console.out().print(format == Format.json ? SummaryJson.of(result) : TextReport.of(result, paint));
        // On a terminal both streams meet: the result first, then how fast the host was.
        console.out().flush();
        console.err().println(speed);
        return result.passed() ? Exit.OK : Exit.FAILED;
    }

    private int failing(Scenario loaded) {
        if (directory != null) {
            throw wrong("found --fail-nth with --out, expected one of them: many runs have no directory");
        }
        Progress progress = new Progress(console);
        List<Injection> runs = FailNthCampaign.run(loaded, run -> progress.accept(run.n()));
        progress.end();
        Paint paint = console.colour() ? Paint.ANSI : Paint.PLAIN;
        console.out()
                .print(format == Format.json ? FailNthReport.json(scenario, runs) : FailNthReport.text(runs, paint));
        return runs.stream().allMatch(Injection::clean) ? Exit.OK : Exit.FAILED;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private Scenario load() {
        ScenarioSource source = Library.find(scenario);
        Scenario loaded =
                new ScenarioLoader(Installed.vocabulary()).load(source.name(), source.utf8(), source.attachments());
        if (kernel != null) {
            String policy = kernel;
            List<String> known =
                    Installed.policies().stream().map(Installed.Row::name).toList();
            if (!known.contains(policy)) {
                throw wrong("option '--kernel': found '" + policy + "', expected one of " + known);
            }
            loaded = loaded.withKernel(policy);
        }
        return seed == null ? loaded : loaded.withSeed(seed);
    }

    private RunResult runInto(Path into, Scenario loaded) {
        try (RunDirectory files = new RunDirectory(into, loaded, requests);
                RunLog log = new RunLog(into.resolve("run.log"))) {
            log.info(RootCommand.Version.line() + " run " + scenario + ", seed " + Long.toUnsignedString(loaded.seed())
                    + ", kernel " + loaded.kernel() + ", Java " + System.getProperty("java.version"));
            try {
                RunResult result = run(loaded, files.listening(RunOptions.DEFAULT.strict(strict)));
                files.finish(result);
                log.info(speed);
                log.info((result.passed() ? "all expectations hold" : "an expectation failed") + ", digest "
                        + result.digest());
                return result;
            } catch (RuntimeException e) {
                log.error("the run failed", e);
                throw e;
            }
        }
    }

    private RunResult run(Scenario loaded, RunOptions options) {
        long start = System.nanoTime();
        Progress progress = new Progress(console);
        RunResult result = Runner.run(loaded, options.listening(options.trace(), options.listener(), progress));
        progress.end();
        double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
        speed = String.format(
                        Locale.ROOT,
                        "%.2f s on the host: %,.0f events/s, %,.0f DMAs/s",
                        seconds,
                        result.events() / seconds,
                        result.total().answered() / seconds)
                + ofCpu(result.total().answered());
        return result;
    }

    /** The same by the CPU time of the whole process so far: its start, the JIT and the collector are in it. */
    private static String ofCpu(long answered) {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(cpu -> Math.max(1, cpu.toMillis()) / 1e3)
                .map(cpu -> String.format(
                        Locale.ROOT,
                        "; %.2f s of CPU by the whole process, start and JIT included: %,.0f DMAs per CPU second",
                        cpu,
                        answered / cpu))
                .orElse("");
    }
}
