package org.iommusim.scenario.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.report.Paint;
import org.iommusim.scenario.report.SweepFiles;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.sweep.Axis;
import org.iommusim.scenario.sweep.Sweep;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sweep}: a grid of timed runs. */
@Command(
        name = "sweep",
        description = "Runs a scenario once for every combination of some values.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:all expectations hold in every run",
            "1:one failed, or a check reported a violation",
            "2:the scenario or the command line is wrong"
        })
final class SweepCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "SCENARIO", description = "A file or a bundled name.")
    private String scenario = "";

    @Option(
            names = "--set",
            required = true,
            paramLabel = "POINTER=V1,V2,...",
            description = "A place in the scenario (JSON pointer), and the values that it takes; may be given again.")
    private List<String> settings = new ArrayList<>();

    @Option(names = "--jobs", paramLabel = "N", description = "Use so many threads; the result is the same.")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the latencies of every run there, as CSV.")
    private @Nullable String file;

    @Spec
    private @Nullable CommandSpec spec;

    SweepCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (jobs < 1) {
            throw wrong("option '--jobs': found " + jobs + ", expected at least 1");
        }
        List<Axis> axes = settings.stream().map(this::axis).toList();
        Sweep sweep = Sweep.of(Library.find(scenario), axes, new ScenarioLoader(Installed.vocabulary()));
        SweepFiles files = new SweepFiles(axes, console.colour() ? Paint.ANSI : Paint.PLAIN);
        int[] done = {0};
        sweep.run(jobs, RunOptions.DEFAULT, (point, result) -> {
            files.add(point, result);
            progress(++done[0], sweep.size());
        });
        if (console.terminal()) {
            console.err().print("\r\u001b[K");
        }
        if (file != null) {
            write(file, files.csv());
        }
        console.out().print(files.text());
        return files.passed() ? Exit.OK : Exit.FAILED;
    }

    private Axis axis(String setting) {
        try {
            return Axis.parse(setting);
        } catch (IllegalArgumentException e) {
            throw wrong("option '--set': " + e.getMessage());
        }
    }

    private void progress(int done, int all) {
        if (console.terminal()) {
            console.err().print("\r\u001b[K" + done + " of " + all + " ...");
            console.err().flush();
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }

    private static void write(String file, String text) {
        try {
            Files.writeString(Path.of(file), text);
        } catch (IOException | InvalidPathException e) {
            throw new ScenarioException(file, "", "found no way to write it", "expected a file for the latencies");
        }
    }
}
