package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Explore and replay as a user meets them. */
class ExploreCommandTest {
    private static final String RACE = "src/test/resources/explore/close-against-destroy.json";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(arguments, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
    }

    @Test
    void shouldShowThatNothingCanGoWrong() {
        assertThat(run("explore", RACE)).isZero();
        assertThat(out.toString())
                .contains("SAFE  no schedule within the bounds violates anything", "exhaustive:   true")
                .contains("from:         label ready", "completed:    all schedules");
        assertThat(err.toString()).matches("[0-9.]+ s on the host with [0-9]+ threads: .*\n");
    }

    @Test
    void shouldShowTheSameWhateverTheNumberOfThreads() {
        assertThat(run("explore", RACE, "--jobs", "1", "--format", "json")).isZero();
        String alone = out.toString();
        assertThat(run("explore", RACE, "--jobs", "3", "--format", "json")).isZero();
        assertThat(out).hasToString(alone);
    }

    @Test
    void shouldFindWhatAnOldKernelDoesAndReplayIt() throws IOException {
        String into = directory.resolve("out").toString();
        assertThat(run("explore", RACE, "--kernel", "v5-posted", "--out", into)).isEqualTo(3);
        assertThat(out.toString()).contains("VIOLATION", "exhaustive:   false", "The least schedule that does it");
        assertThat(directory.resolve("out")).isDirectoryContaining("glob:**counterexample.{json,md}");
        assertThat(directory.resolve("out/exploration.json")).content().contains("\"verdict\": \"violation\"");

        String file = directory.resolve("out/counterexample.json").toString();
        assertThat(run("replay", file)).isEqualTo(3);
        assertThat(out.toString()).contains("REPRODUCED  ").doesNotContain("NOT REPRODUCED", "have changed since");
        String shown = out.toString();
        assertThat(run("replay", file, "--out", into)).isEqualTo(3);
        assertThat(out).hasToString(shown);
        assertThat(directory.resolve("out/counterexample.md")).content().contains("sequenceDiagram");

        String fixed = Files.readString(Path.of(file)).replaceFirst("v5-posted", "linux-7.3");
        Path fixedFile = Files.writeString(directory.resolve("fixed.json"), fixed);
        assertThat(run("replay", fixedFile.toString())).isZero();
        assertThat(out.toString()).contains("NOT REPRODUCED  ");
    }

    @Test
    void shouldPrintReplaysAsJson() {
        assertThat(run("explore", RACE, "--kernel", "v5-posted", "--out", directory.toString()))
                .isEqualTo(3);
        assertThat(run("replay", directory.resolve("counterexample.json").toString(), "--format", "json"))
                .isEqualTo(3);
        assertThat(out.toString()).startsWith("{\n  \"reproduced\": true,").contains("\"what_happened\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "explore",
                "explore nothing-of-this-name",
                "explore RACE --kernel linux-1",
                "explore RACE --patch nobody-knows",
                "explore RACE --patch v5-without-forced-removal",
                "explore RACE --patch vdevice-6-13-calls-driver",
                "explore RACE --patch amd-waits-for-ever",
                "explore RACE --strategy dfs",
                "explore RACE --strategy dpor --preemptions 2",
                "explore RACE --user-copies slow",
                "explore RACE --timeouts often",
                "explore RACE --preemptions -1",
                "explore RACE --max-schedules 0",
                "explore RACE --time soon",
                "explore RACE --jobs 0",
                "explore gem5-w1a-o1",
                "explore RACE RACE",
                "explore RACE --resume no/such/place/x --time 0ms",
                "explore RACE --mutate --resume RACE",
                "replay",
                "replay RACE",
                "replay nothing-of-this-name",
            })
    void shouldSayInOneLineWhatIsWrong(String line) {
        assertThat(run(line.replace("RACE", RACE).split(" "))).isEqualTo(2);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).hasLineCount(1).doesNotContain("Exception", "internal error");
    }

    @Test
    void shouldSearchInOtherWays() {
        assertThat(run("explore", RACE, "--strategy", "dpor")).isZero();
        assertThat(out.toString())
                .contains("SAFE", "exhaustive:   true", "engine:       dpor, source sets and sleep sets");
        for (String strategy : new String[] {"pct", "random"}) {
            assertThat(run("explore", RACE, "--strategy", strategy, "--max-schedules", "200"))
                    .isZero();
            assertThat(out.toString())
                    .contains("NOTHING FOUND  200 random schedules", "exhaustive:   false", "schedules:    200");
            assertThat(run(
                            "explore",
                            RACE,
                            "--strategy",
                            strategy,
                            "--kernel",
                            "v5-posted",
                            "--out",
                            directory.toString()))
                    .as(strategy)
                    .isEqualTo(3);
        }
    }

    @Test
    void shouldGoOnWithASearchThatWasEndedEarly() {
        String saved = directory.resolve("saved").toString();
        assertThat(run("explore", RACE)).isZero();
        String whole = out.toString();
        assertThat(run("explore", RACE, "--time", "0ms", "--resume", saved)).isZero();
        assertThat(run("explore", RACE, "--resume", saved)).isZero();
        assertThat(out).hasToString(whole);
        assertThat(Path.of(saved)).doesNotExist();
    }

    @Test
    void shouldTellWhichMutantsAreNoticed() throws IOException {
        Path journal = directory.resolve("journal");
        assertThat(run("explore", RACE, "--mutate", "--resume", journal.toString()))
                .isZero();
        assertThat(out.toString())
                .matches("(?s)linux-7.3: [0-9]+ of [0-9]+ mutants killed .*")
                .contains("<- nothing needs it");
        assertThat(err.toString()).contains("mutants, judged by close-against-destroy");
        String shown = out.toString();
        String verdicts = Files.readString(journal);
        assertThat(run("explore", RACE, "--mutate", "--resume", journal.toString()))
                .isZero();
        assertThat(out).hasToString(shown);
        assertThat(journal).hasContent(verdicts);
    }

    @Test
    void shouldEndAtItsTimeWithWhatWasSearchedCompletely() {
        assertThat(run("explore", RACE, "--time", "0ms")).isZero();
        assertThat(out.toString())
                .contains("NOTHING FOUND  ended by its time after ", "exhaustive:  false")
                .doesNotContain("states:");
    }
}
