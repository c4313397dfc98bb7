package org.iommusim.scenario.library;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LibraryTest {
    private static final Path DIRECTORY = Path.of("src", "main", "resources", "scenarios");

    @Test
    void shouldListEveryBundledScenario() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            assertThat(Library.bundled())
                    .extracting(Library.Entry::name)
                    .containsExactlyInAnyOrderElementsOf(
                            files.map(f -> f.getFileName().toString())
                                    .filter(name -> name.endsWith(".json"))
                                    .map(name -> name.substring(0, name.length() - ".json".length()))
                                    .toList());
        }
    }

    @Test
    void shouldNameBundledScenariosAsTheyNameThemselves() {
        for (Library.Entry entry : Library.bundled()) {
            String text = new String(Library.find(entry.name()).utf8(), StandardCharsets.UTF_8);
            assertThat(text)
                    .contains("\"name\": \"" + entry.name() + "\"")
                    .contains("\"$schema\": \"../scenario.schema.json\"");
            assertThat(entry.summary()).isNotBlank();
        }
    }
}
