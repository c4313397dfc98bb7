package org.iommusim.scenario.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.ScenarioException;
import org.iommusim.scenario.report.HtmlReport;
import org.iommusim.scenario.report.SummaryJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code report}: makes {@code report.html} from the summary of a run directory. */
@Command(name = "report", description = "Makes report.html again from the files of a run.")
final class ReportCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "DIR", description = "A directory that 'run --out DIR' wrote.")
    private String directory = "";

    ReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Path summary = Path.of(directory, "summary.json");
        if (!Files.isRegularFile(summary)) {
            throw new ScenarioException(
                    directory, "", "found no summary.json", "expected a directory that 'run --out' wrote");
        }
        String text = Files.readString(summary);
        check(summary.toString(), text);
        Path page = Path.of(directory, "report.html");
        Files.writeString(page, HtmlReport.of(text));
        console.out().println(page);
        return Exit.OK;
    }

    private static void check(String file, String text) {
        try {
            JsonValue value = JsonReader.read(text.getBytes(StandardCharsets.UTF_8));
            String format = Integer.toString(SummaryJson.FORMAT);
            if (!(value instanceof JsonValue.Members object)
                    || !(object.members().get("format") instanceof JsonValue.Number number)
                    || !number.literal().equals(format)) {
                throw new ScenarioException(file, "/format", "found another format", "expected " + format);
            }
        } catch (JsonSyntaxException e) {
            throw new ScenarioException(file, e.place(), String.valueOf(e.getMessage()), e.expected());
        }
    }
}
