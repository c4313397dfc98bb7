package org.iommusim.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files that tests make and people review. {@code -Diommusim.golden.rewrite=true} writes them again; the change is then
 * reviewed as a diff.
 */
public final class Golden {
    private static final String FLAG = "iommusim.golden.rewrite";

    private Golden() {}

    /** Holds a text against {@code src/test/resources/golden/NAME}. */
    public static void check(String name, String text) {
        checkFile(Path.of("src", "test", "resources", "golden", name), text);
    }

    /** Holds a text against a file of the repository. */
    public static void checkFile(Path file, String text) {
        try {
            if (Boolean.getBoolean(FLAG)) {
                Files.createDirectories(file.toAbsolutePath().getParent());
                Files.writeString(file, text);
            }
            assertThat(Files.exists(file) ? Files.readString(file) : "")
                    .as("%s is out of date; mvn -Pfast -pl scenarios -am test -D%s=true writes it again", file, FLAG)
                    .isEqualTo(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
