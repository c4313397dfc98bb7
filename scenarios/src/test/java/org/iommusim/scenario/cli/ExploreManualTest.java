package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of docs/explore.md does what the page says. */
class ExploreManualTest {
    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        return Main.run(
                arguments, new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), false, false));
    }

    @Test
    void shouldBeSafeOnOneKernelAndBreakAnother() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "explore.md"));
        String json = page.substring(page.indexOf("```json\n") + 8);
        Path scenario = Files.writeString(directory.resolve("race.json"), json.substring(0, json.indexOf("```")));
        assertThat(run("explore", scenario.toString())).isZero();
        assertThat(out.toString()).contains("SAFE", "exhaustive:   true");
        assertThat(run("explore", scenario.toString(), "--kernel", "v5-posted", "--out", directory.toString()))
                .isEqualTo(3);
        assertThat(run("replay", directory.resolve("counterexample.json").toString()))
                .isEqualTo(3);
        assertThat(out.toString())
                .contains("|| iommufd_device_unbind: igroup->lock")
                .contains("|| iommufd_device_unbind: load idev->vdev->obj.id")
                .contains("> close fd=$vfio(");
    }
}
