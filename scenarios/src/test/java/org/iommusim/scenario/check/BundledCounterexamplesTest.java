package org.iommusim.scenario.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.explore.ExploreResult;
import org.iommusim.scenario.explore.ExploreSetup;
import org.iommusim.scenario.explore.ReplayedSchedule;
import org.iommusim.scenario.explore.ScenarioExplorer;
import org.iommusim.scenario.explore.ScheduleReplay;
import org.iommusim.scenario.language.CounterexampleFile;
import org.iommusim.scenario.language.CounterexampleLoader;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.scenario.report.CounterexampleFiles;
import org.iommusim.sim.explore.ExploreProgress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every bundled scenario that breaks some kernel has one counterexample in the library: the least schedule for the first such
 * kernel that it names. It is found again and replayed, byte for byte, on every JDK that the tests run on.
 */
@Tag("exploration")
class BundledCounterexamplesTest {
    private static final Path DIRECTORY = Path.of("src", "main", "resources", "scenarios", "counterexamples");

    @Test
    void shouldFindEachOfThemAgain() {
        TreeMap<String, String> files = new TreeMap<>();
        for (Library.Entry entry : Library.bundled()) {
            ScenarioSource source = Library.find(entry.name());
            Scenario scenario =
                    new ScenarioLoader(Installed.vocabulary()).load(source.name(), source.utf8(), source.attachments());
            broken(scenario).ifPresent(outcome -> files.put(name(scenario, outcome), found(source, scenario, outcome)));
        }
        files.forEach((name, json) -> Golden.checkFile(DIRECTORY.resolve(name + ".json"), json));
        Golden.checkFile(DIRECTORY.resolve("index"), String.join("\n", files.keySet()) + "\n");
    }

    private static Optional<Outcome> broken(Scenario scenario) {
        return scenario.explore().stream()
                .flatMap(explore -> explore.outcomes().stream())
                .filter(outcome -> !outcome.finds().isEmpty())
                .findFirst();
    }

    private static String name(Scenario scenario, Outcome outcome) {
        List<String> parts = new ArrayList<>(List.of(scenario.name(), outcome.kernel()));
        parts.addAll(outcome.patches());
        return String.join("+", parts);
    }

    private static String found(ScenarioSource source, Scenario scenario, Outcome outcome) {
        ExploreResult result = ScenarioExplorer.withWorkers(1)
                .explore(ExploreSetup.of(scenario, outcome, false), ExploreProgress.NONE);
        ReplayedSchedule replayed = result.replayed();
        if (replayed == null) {
            throw new AssertionError(name(scenario, outcome) + " finds nothing");
        }
        return CounterexampleFiles.of(source.utf8(), result, replayed).json();
    }

    @Test
    void shouldReplayEachOfThemByteForByte() {
        CounterexampleLoader loader = new CounterexampleLoader(Installed.vocabulary());
        assertThat(Library.counterexamples()).hasSizeGreaterThan(40);
        for (String name : Library.counterexamples()) {
            CounterexampleFile file = loader.load(name, Library.find(name).utf8());
            ReplayedSchedule replayed = ScheduleReplay.run(file);
            assertThat(replayed.violates()).as(name).isTrue();
            assertThat(replayed.digest()).as(name).isEqualTo(file.digest());
        }
    }

    @Test
    void shouldBundleNothingElse() throws IOException {
        List<String> expected = new ArrayList<>(List.of("index"));
        Library.counterexamples().forEach(name -> expected.add(name + ".json"));
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrderElementsOf(expected);
        }
    }
}
