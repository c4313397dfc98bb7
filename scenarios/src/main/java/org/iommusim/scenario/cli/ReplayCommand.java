package org.iommusim.scenario.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.ScheduleReplay;
import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.scenario.language.CounterexampleLoader;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.report.ExploreJson;
import org.iommusim.scenario.report.Paint;
import org.iommusim.scenario.report.ReplayText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code replay}: runs exactly the schedule of a counterexample. */
@Command(
        name = "replay",
        description = "Runs exactly the schedule of a counterexample and shows it step by step, lane by lane.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:the violation does not show again",
            "2:the file or the command line is wrong",
            "3:the violation was reproduced"
        })
final class ReplayCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(
            paramLabel = "COUNTEREXAMPLE",
            description = "A file that 'iommusim explore' has written, or a bundled name (list counterexamples).")
    private String file = "";

    @Option(names = "--out", paramLabel = "DIR", description = "Write counterexample.md there: table and diagram.")
    private @Nullable Path directory;

    @Option(names = "--format", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.text;

    ReplayCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        CounterexampleFile loaded = new CounterexampleLoader(Installed.vocabulary())
                .load(file, Library.find(file).utf8());
        ReplayedSchedule schedule = ScheduleReplay.run(loaded);
        Paint paint = console.colour() ? Paint.ANSI : Paint.PLAIN;
        console.out().print(format == Format.json ? ExploreJson.of(schedule) : ReplayText.of(loaded, schedule, paint));
        console.out().flush();
        if (directory != null) {
            write(directory, ReplayText.markdown(loaded, schedule));
        }
        return schedule.violates() ? Exit.VIOLATION : Exit.OK;
    }

    private static void write(Path into, String page) {
        try {
            Files.createDirectories(into);
            Files.writeString(into.resolve("counterexample.md"), page);
        } catch (IOException e) {
            throw new ScenarioException(into.toString(), "", "found no way to write it", "expected a directory");
        }
    }
}
