package org.iommusim.scenario.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.iommusim.scenario.check.CheckCase;
import org.iommusim.scenario.check.CheckFiles;
import org.iommusim.scenario.check.CheckSuite;
import org.iommusim.scenario.check.CheckVerdict;
import org.iommusim.scenario.check.CheckVerdict.Status;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.language.Vocabulary;
import org.iommusim.scenario.report.CheckText;
import org.iommusim.scenario.report.JUnitReport;
import org.iommusim.scenario.report.Paint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code check}: the regression suite. */
@Command(
        name = "check",
        description =
                "Runs or explores every scenario under some paths, as it says, and compares with what it expects.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {"0:all pass", "1:some failed", "2:the input or the command line is wrong"})
final class CheckCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            description =
                    "Scenarios or counterexamples, directories of them, or bundled names; without any, all that is"
                            + " bundled.")
    private List<String> paths = List.of();

    @Option(names = "--junit", paramLabel = "FILE", description = "Also write the verdicts there, as JUnit's XML.")
    private @Nullable String junit;

    @Option(names = "--jobs", paramLabel = "N", description = "Use so many threads; the result is the same.")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--strict", description = "Count accepted deviations as violations.")
    private boolean strict;

    @Spec
    private @Nullable CommandSpec spec;

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (jobs < 1) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "option '--jobs': found " + jobs + ", expected at least 1");
        }
        Vocabulary vocabulary = Installed.vocabulary();
        List<CheckCase> cases = new CheckFiles(vocabulary).find(paths);
        long start = System.nanoTime();
        List<CheckVerdict> verdicts = new CheckSuite(jobs, strict).judge(cases, done -> progress(done, cases.size()));
        if (console.terminal()) {
            console.err().print("\r\u001b[K");
        }
        Paint paint = console.colour() ? Paint.ANSI : Paint.PLAIN;
        if (junit != null) {
            write(junit, JUnitReport.of(verdicts));
        }
        console.out().print(CheckText.of(verdicts, vocabulary.policies(), paint));
        console.out().flush();
        console.err()
                .println(String.format(
                        Locale.ROOT,
                        "%.2f s on the host with %d threads",
                        Math.max(1, System.nanoTime() - start) / 1e9,
                        jobs));
        return verdicts.stream().anyMatch(verdict -> verdict.status() == Status.FAILED) ? Exit.FAILED : Exit.OK;
    }

    private void progress(int done, int all) {
        if (console.terminal()) {
            console.err().print("\r\u001b[K" + done + " of " + all + " ...");
            console.err().flush();
        }
    }

    private static void write(String file, String text) {
        try {
            Files.writeString(Path.of(file), text);
        } catch (IOException | InvalidPathException e) {
            throw new ScenarioException(file, "", "found no way to write it", "expected a file for the verdicts");
        }
    }
}
