package org.iommusim.scenario.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.iommusim.scenario.json.JsonEdit;
import org.iommusim.scenario.json.JsonOutput;
import org.iommusim.scenario.json.JsonReader;
import org.iommusim.scenario.json.JsonSyntaxException;
import org.iommusim.scenario.json.JsonValue;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.language.ScenarioLoader;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.library.ScenarioSource;
import org.iommusim.sim.explore.ExploreProgress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Explorations that begin before the first DMA: hardware that was never used must not make its lanes on the way. */
class ColdHardwareTest {
    @ParameterizedTest
    @CsvSource({"dma-races-unmap, attached", "e75-part-not-invalidated, attached"})
    void shouldFindTheSameBugBeforeTheFirstRequest(String name, String from) throws JsonSyntaxException {
        Scenario scenario = beginningAt(name, from);
        ExploreSetup setup = scenario.explore().orElseThrow().outcomes().stream()
                .filter(outcome -> !outcome.finds().isEmpty())
                .map(outcome -> ExploreSetup.of(scenario, outcome, false))
                .findFirst()
                .orElseThrow();
        // Its least schedule is run once more, from the beginning, to say what happened.
        ExploreResult result = ScenarioExplorer.withWorkers(1).explore(setup, ExploreProgress.NONE);
        assertThat(result.found()).contains("freed-page");
    }

    private static Scenario beginningAt(String name, String label) throws JsonSyntaxException {
        ScenarioSource source = Library.find(name);
        JsonValue tree = JsonEdit.put(JsonReader.read(source.utf8()), "/explore/from", new JsonValue.Text(label));
        byte[] utf8 = new JsonOutput().add(tree).text().getBytes(StandardCharsets.UTF_8);
        return new ScenarioLoader(Installed.vocabulary()).load(name, utf8, source.attachments());
    }
}
