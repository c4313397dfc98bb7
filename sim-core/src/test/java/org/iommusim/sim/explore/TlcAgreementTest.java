package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stateful search counts the same states and transitions as TLC, which knows nothing of this project. */
class TlcAgreementTest {
    private static final Pattern COUNTS =
            Pattern.compile("(\\d+) states generated, (\\d+) distinct states found, 0 states");

    @TempDir
    private Path directory;

    /** What TLC prints about the toy protocol; it runs in a JVM of its own because it ends with System.exit. */
    private String tlc(int users, int bug) throws IOException, InterruptedException, URISyntaxException {
        Path module = directory.resolve("ToyProtocol.tla");
        try (InputStream in = TlcAgreementTest.class.getResourceAsStream("ToyProtocol.tla")) {
            Files.write(module, in.readAllBytes());
        }
        Path config = Files.writeString(
                directory.resolve("ToyProtocol.cfg"),
                "SPECIFICATION Spec\nINVARIANT NoUseAfterFree\nCONSTANTS\n  Users = " + users + "\n  Bug = " + bug
                        + "\n");
        Path jar = Path.of(tlc2.TLC
                .class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        jar.toString(),
                        "tlc2.TLC",
                        "-deadlock",
                        "-workers",
                        "1",
                        "-config",
                        config.getFileName().toString(),
                        module.getFileName().toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private void agree(int users, long states, long transitions) throws Exception {
        String output = tlc(users, 0);
        Matcher counts = COUNTS.matcher(output);
        assertThat(counts.find()).as(output).isTrue();
        Exploration ours = StatefulSearch.onAllCores()
                .explore(() -> new ToyProtocol(users, 0), Bounds.unlimited(), ExploreProgress.NONE);
        assertThat(ours.states()).isEqualTo(Long.parseLong(counts.group(2))).isEqualTo(states);
        // TLC counts the initial state as generated.
        assertThat(ours.transitions())
                .isEqualTo(Long.parseLong(counts.group(1)) - 1)
                .isEqualTo(transitions);
    }

    @Test
    void shouldCountTheSameForTwoUsers() throws Exception {
        agree(2, 245, 459);
    }

    @Test
    void shouldCountTheSameForFourUsers() throws Exception {
        agree(4, 6_767, 20_551);
    }

    @Test
    void shouldCountTheSameForSixUsers() throws Exception {
        agree(6, 195_533, 840_601);
    }

    @Test
    void shouldFindTheSameBugs() throws Exception {
        for (int bug = 1; bug <= 2; bug++) {
            assertThat(tlc(2, bug)).contains("Invariant NoUseAfterFree is violated");
        }
    }
}
