package org.iommusim.scenario.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.sim.check.Violation;

/** Writes what an exploration found: the file that is replayed, and a page for readers. */
public final class CounterexampleFiles {
    private CounterexampleFiles() {}

    /**
     * Writes {@code counterexample.json}, and {@code counterexample.md} if asked; nothing if nothing was found.
     *
     * @param utf8 the scenario as it is written
     * @return what was written
     */
    public static List<Path> write(Path directory, byte[] utf8, ExploreResult result, boolean page) throws IOException {
        ReplayedSchedule replayed = result.replayed();
        if (replayed == null) {
            return List.of();
        }
        CounterexampleFile file = of(utf8, result, replayed);
        Path json = directory.resolve("counterexample.json");
        Files.writeString(json, file.json());
        if (!page) {
            return List.of(json);
        }
        Path markdown = directory.resolve("counterexample.md");
        Files.writeString(markdown, ReplayText.markdown(file, replayed));
        return List.of(json, markdown);
    }

    /** The file of what was found. */
    public static CounterexampleFile of(byte[] utf8, ExploreResult result, ReplayedSchedule replayed) {
        Violation violation = result.violations().get(0);
        try {
            return new CounterexampleFile(
                    result.setup().scenario(),
                    JsonReader.read(utf8),
                    result.setup().patches(),
                    result.setup().strict(),
                    result.choices(),
                    violation.checker(),
                    violation.message(),
                    replayed.digest());
        } catch (JsonSyntaxException e) {
            throw new IllegalStateException("the scenario was read before", e);
        }
    }
}
