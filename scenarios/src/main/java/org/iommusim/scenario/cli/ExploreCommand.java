package org.iommusim.scenario.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ExploreResult.Ended;
import org.iommusim.scenario.explore.ExploreSetup;
import org.iommusim.scenario.explore.ScenarioExplorer;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.language.Vocabulary;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.scenario.mutate.MutationResult;
import org.iommusim.scenario.report.CounterexampleFiles;
import org.iommusim.scenario.report.ExploreJson;
import org.iommusim.scenario.report.ExploreText;
import org.iommusim.scenario.report.MutationReport;
import org.iommusim.scenario.report.Paint;
import org.iommusim.sim.explore.CheckpointException;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.explore.StatefulSearch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code explore}: searches interleavings. */
@Command(
        name = "explore",
        description =
                "Searches interleavings: finds the shortest schedule that violates something, or shows that within the"
                        + " bounds there is none.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:none found", "2:the scenario or the command line is wrong", "3:a violation was found"})
final class ExploreCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "SCENARIO",
            description =
                    "A file or a bundled name; with --mutate, any number of them, and without any, all bundled ones"
                            + " that are explored.")
    private List<String> scenarios = List.of();

    @Mixin
    private ExploreOptions options = new ExploreOptions();

    @Option(
            names = "--time",
            paramLabel = "60s",
            converter = TimeOption.class,
            description = "End after so long on the host, with what was searched completely.")
    private @Nullable Long nanoseconds;

    @Option(
            names = "--resume",
            paramLabel = "FILE",
            description =
                    "Save the search (or the verdicts of --mutate) there when it is ended early; go on from there if"
                            + " it exists.")
    private @Nullable Path checkpoint;

    @Option(
            names = "--mutate",
            description =
                    "Change one step of the kernel's programs at a time and tell which changes the scenarios notice.")
    private boolean mutate;

    @Option(names = "--jobs", paramLabel = "N", description = "Use so many cores; the result is the same.")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write exploration.json and the counterexample there; without it, counterexample.json here.")
    private @Nullable Path directory;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    @Spec
    private @Nullable CommandSpec spec;

    ExploreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (jobs < 1) {
            throw wrong("option '--jobs': found " + jobs + ", expected at least 1");
        }
        if (mutate) {
            return mutants();
        }
        if (scenarios.size() != 1) {
            throw wrong("found " + scenarios.size() + " scenarios, expected one (with --mutate any number)");
        }
        ScenarioSource source = Library.find(scenarios.get(0));
        ExploreSetup setup = options.setup(load(source));
        try (Interruption interruption = new Interruption()) {
            ExploreResult result = explore(setup, interruption);
            print(result);
            write(source, result);
            return result.exploration().violated() ? Exit.VIOLATION : Exit.OK;
        } catch (CheckpointException e) {
            throw wrong("option '--resume': " + e.getMessage());
        }
    }

    private Scenario load(ScenarioSource source) {
        Vocabulary vocabulary = Installed.vocabulary();
        String problem = options.problem(vocabulary);
        if (!problem.isEmpty()) {
            throw wrong(problem);
        }
        Scenario scenario = new ScenarioLoader(vocabulary).load(source.name(), source.utf8(), source.attachments());
        String unused = options.unused(vocabulary, scenario);
        if (!unused.isEmpty()) {
            throw wrong(unused);
        }
        return scenario;
    }

    private int mutants() {
        boolean all = scenarios.isEmpty();
        List<String> names =
                all ? Library.bundled().stream().map(Library.Entry::name).toList() : scenarios;
        List<Scenario> loaded =
                names.stream().map(name -> load(Library.find(name))).toList();
        String kernel = options.kernel(loaded.get(0));
        List<Scenario> judges = all ? MutationRun.known(loaded, kernel) : loaded;
        try (Interruption interruption = new Interruption()) {
            MutationResult result = new MutationRun(console, jobs, checkpoint)
                    .run(
                            kernel,
                            judges.stream()
                                    .map(judge -> options.setup(judge).scenario())
                                    .toList(),
                            interruption);
            Paint paint = console.colour() ? Paint.ANSI : Paint.PLAIN;
            console.out()
                    .print(
                            format == Format.json
                                    ? MutationReport.json(List.of(result))
                                    : MutationReport.text(result, paint));
            console.out().flush();
            return Exit.OK;
        } catch (IllegalArgumentException e) {
            throw wrong("option '--resume': " + e.getMessage());
        }
    }

    private ExploreResult explore(ExploreSetup setup, Interruption interruption) {
        ScenarioExplorer explorer = ScenarioExplorer.withWorkers(jobs);
        ExploreWatch watch =
                new ExploreWatch(console, interruption, nanoseconds == null ? Long.MAX_VALUE : nanoseconds);
        ExploreResult result =
                (checkpoint == null ? explorer : explorer.withCheckpoint(checkpoint)).explore(setup, watch);
        watch.end();
        console.err()
                .println(String.format(
                        Locale.ROOT,
                        "%.2f s on the host with %d threads: %,.0f states/s, %,.0f schedules/s",
                        watch.seconds(),
                        jobs,
                        result.exploration().states() / watch.seconds(),
                        result.exploration().schedules() / watch.seconds()));
        boolean cut = watch.timeIsUp() && result.exploration().stop() == Stop.CANCELLED;
        // The stateless engines look at the clock after so many schedules, which the result names.
        return cut && result.exploration().engine().equals(StatefulSearch.NAME) ? result.ended(Ended.BY_TIME) : result;
    }

    private void print(ExploreResult result) {
        Paint paint = console.colour() ? Paint.ANSI : Paint.PLAIN;
        console.out().print(format == Format.json ? ExploreJson.of(result) : ExploreText.of(result, paint));
        console.out().flush();
    }

    private void write(ScenarioSource source, ExploreResult result) {
        try {
            if (directory != null) {
                Files.createDirectories(directory);
                Files.writeString(directory.resolve("exploration.json"), ExploreJson.of(result));
            }
            Path into = directory == null ? Path.of("") : directory;
            for (Path file : CounterexampleFiles.write(into, source.utf8(), result, directory != null)) {
                console.err().println("written: " + file);
            }
        } catch (IOException e) {
            throw new ScenarioException(
                    directory == null ? "." : directory.toString(),
                    "",
                    "found no way to write the counterexample",
                    "expected a directory for it");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
