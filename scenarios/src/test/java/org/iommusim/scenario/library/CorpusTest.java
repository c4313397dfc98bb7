package org.iommusim.scenario.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.iommusim.iommufd.variant.Variants;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.ExploreSettings.Outcome;
import org.junit.jupiter.api.Test;

/** The corpus of known bugs and the page that lists it; that each is found, the check of all scenarios shows. */
class CorpusTest {
    private static final Path PAGE = Path.of("..", "docs", "corpus.md");
    private static final String MARK = "<!-- From here on this file is generated. -->\n";

    private final List<CorpusPage> corpus = CorpusPage.all();

    @Test
    void shouldHaveAKernelWithAndOneWithoutEachBug() {
        assertThat(corpus).hasSizeGreaterThanOrEqualTo(50);
        for (CorpusPage page : corpus) {
            String name = page.entry().name();
            assertThat(page.found()).as(name).isNotEmpty();
            assertThat(page.safe()).as(name).isNotEmpty();
            assertThat(page.describedBug()).as(name).isEqualTo(page.bug());
            assertThat(page.source()).as(name).isNotBlank();
        }
    }

    @Test
    void shouldUseEveryVariant() {
        Set<String> used = new TreeSet<>();
        for (Library.Entry entry : Library.bundled()) {
            TestScenarios.bundled(entry.name())
                    .explore()
                    .ifPresent(e -> e.outcomes().stream().map(Outcome::patches).forEach(used::addAll));
        }
        assertThat(used).containsAll(Variants.all().stream().map(v -> v.name()).toList());
    }

    @Test
    void shouldHaveAnUpToDateTable() throws IOException {
        String text = Files.readString(PAGE);
        assertThat(text).contains(MARK);
        Golden.checkFile(PAGE, text.substring(0, text.indexOf(MARK) + MARK.length()) + "\n" + CorpusPage.table(corpus));
    }
}
