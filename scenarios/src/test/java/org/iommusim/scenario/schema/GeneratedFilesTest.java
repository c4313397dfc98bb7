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
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.language.Installed;
import org.iommusim.scenario.language.Language;
import org.iommusim.scenario.language.Vocabulary;
import org.iommusim.scenario.policy.PoliciesManual;
import org.junit.jupiter.api.Test;

class GeneratedFilesTest {
    private static final Path MANUAL = Path.of("..", "docs", "scenario-language.md");
    private static final Path KERNELS = Path.of("..", "docs", "policies.md");
    private static final String MARK = "<!-- From here on this file is generated. -->\n";

    private final Vocabulary vocabulary = Installed.vocabulary();

    @Test
    void shouldHaveAnUpToDateSchema() {
        Golden.checkFile(Path.of("src", "main", "resources", "scenario.schema.json"), ScenarioSchema.of(vocabulary));
    }

    @Test
    void shouldHaveAnUpToDateManual() throws IOException {
        check(MANUAL, LanguageReference.of(vocabulary));
    }

    @Test
    void shouldHaveAnUpToDateListOfKernels() throws IOException {
        check(KERNELS, PoliciesManual.of(Kernels.all()));
    }

    /** What stands above the mark is written by hand. */
    private static void check(Path file, String generated) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(MARK);
        Golden.checkFile(file, text.substring(0, text.indexOf(MARK) + MARK.length()) + "\n" + generated);
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
