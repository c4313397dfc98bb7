package org.iommusim.scenario.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.iommusim.iommufd.actor.Verb;
import org.iommusim.iommufd.actor.Verbs;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Language;
import org.iommusim.scenario.language.Vocabulary;
import org.junit.jupiter.api.Test;

class GeneratedFilesTest {
    private static final Path MANUAL = Path.of("..", "docs", "scenario-language.md");
    private static final String MARK = "<!-- From here on this file is generated. -->\n";

    private final Vocabulary vocabulary = Installed.vocabulary();

    @Test
    void shouldHaveAnUpToDateSchema() {
        Golden.checkFile(Path.of("src", "main", "resources", "scenario.schema.json"), ScenarioSchema.of(vocabulary));
    }

    @Test
    void shouldHaveAnUpToDateManual() throws IOException {
        String manual = Files.readString(MANUAL);
        assertThat(manual).contains(MARK);
        String written = manual.substring(0, manual.indexOf(MARK) + MARK.length());
        Golden.checkFile(MANUAL, written + "\n" + LanguageReference.of(vocabulary));
    }

    @Test
    void shouldTellVerbsFieldsFromThoseOfEveryStep() {
        Set<String> common = new HashSet<>(List.of("do", "errno", "at", "after", "label", "comment"));
        for (Verb verb : Verbs.all()) {
            assertThat(verb.fields()).as(verb.name()).noneMatch(field -> common.contains(field.name()));
        }
        assertThat(Language.STEP.members()).extracting(m -> m.name()).containsAll(common);
    }
}
