package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.iommusim.scenario.library.Library;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundled scenarios that are about objects and not about a vendor run on another vendor with one word changed. */
class AnyIommuTest {
    @TempDir
    private Path temporary;

    @ParameterizedTest
    @ValueSource(strings = {"orderly-unplug-replug", "forgotten-vdevice", "stale-until-sync", "dma-under-load"})
    void shouldHoldTheirExpectationsOnVtdToo(String name) throws IOException {
        runOn("vtd", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"orderly-unplug-replug", "forgotten-vdevice", "stale-until-sync", "dma-under-load"})
    void shouldHoldTheirExpectationsOnAmdViToo(String name) throws IOException {
        runOn("amdvi", name);
    }

    /** A bug of a driver cannot be found where another one is used. */
    @Test
    void shouldSayThatABugIsOneOfAnotherDriver() throws IOException {
        String original =
                new String(Library.find("h11-entry-broken-before-made").utf8(), StandardCharsets.UTF_8);
        String patched = original.replaceFirst("\"patches\": \\[", "\"patches\": [\"vtd-requests-without-drain\", ");
        assertThat(patched).isNotEqualTo(original);
        Path file = temporary.resolve("patched.json");
        Files.writeString(file, patched);
        StringWriter err = new StringWriter();
        int status = Main.run(
                new String[] {"validate", file.toString()},
                new Console(new PrintWriter(new StringWriter()), new PrintWriter(err), false, false));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString())
                .contains("found \"vtd-requests-without-drain\", a bug of the driver of vtd, expected one of software"
                        + " that is there: the drivers are those of smmuv3");
    }

    private void runOn(String kind, String name) throws IOException {
        String original = new String(Library.find(name).utf8(), StandardCharsets.UTF_8);
        String changed = original.replace("\"kind\": \"smmuv3\"", "\"kind\": \"" + kind + "\"");
        assertThat(changed).isNotEqualTo(original);
        Path file = temporary.resolve(name + ".json");
        Files.writeString(file, changed);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.run(
                new String[] {"run", file.toString()},
                new Console(new PrintWriter(out), new PrintWriter(err), false, false));
        assertThat(status).as(err + "\n" + out).isZero();
    }
}
