package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The regression suite as a user meets it. */
class CheckCommandTest {
    private static final Path RACE = Path.of("src/test/resources/explore/close-against-destroy.json");
    private static final String SAFE = "{\"kernel\": \"linux-7.3\", \"finds\": []}";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private String race = "";

    @BeforeEach
    void readTheScenario() throws IOException {
        race = Files.readString(RACE);
        assertThat(race).contains(SAFE);
    }

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.run(arguments, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void shouldJudgeRunsExplorationsAndReplays() throws IOException {
        write(
                "race.json",
                race.replace(SAFE, SAFE + ", {\"kernel\": \"v5-posted\", \"finds\": [\"deadlock\", \"WARN\"]}"));
        write("deeper/notes.json", "{\"nothing\": 1}");
        assertThat(run("explore", RACE.toString(), "--kernel", "v5-posted", "--out", directory.toString()))
                .isEqualTo(3);
        Files.delete(directory.resolve("exploration.json"));
        Path junit = directory.resolve("junit.xml");
        assertThat(run("check", directory.toString(), "objects-on-mock", "--junit", junit.toString()))
                .isZero();
        assertThat(out.toString())
                .contains("objects-on-mock", "replay on v5-posted", "safe")
                .endsWith("4 passed, 0 failed, 1 skipped\n");
        assertThat(junit).content().contains("tests=\"5\" failures=\"0\"");
        String shown = out.toString();
        assertThat(run("check", directory.toString(), "objects-on-mock", "--jobs", "1"))
                .isZero();
        assertThat(out).hasToString(shown);
    }

    @Test
    void shouldFailWhatComesOutOtherwise() throws IOException {
        write("a.json", race.replace("\"finds\": []", "\"finds\": [\"WARN\"]"));
        write("b.json", race.replace(SAFE, "{\"kernel\": \"v5-posted\", \"finds\": []}"));
        write("c.json", race.replace(SAFE, "{\"kernel\": \"v5-posted\", \"finds\": [\"leak\"]}"));
        write(
                "f.json",
                race.replace(SAFE, "{\"kernel\": \"v5-posted\", \"finds\": [\"WARN\"], \"accepted\": [\"A2\"]}"));
        write("d.json", race.replace("\"from\": \"ready\"", "\"from\": \"ready\", \"max_schedules\": 1"));
        write("e.json", race.replace("\"finds\": []", "\"finds\": [], \"accepted\": [\"D7\"]"));
        assertThat(run("check", directory.toString())).isEqualTo(1);
        assertThat(out.toString())
                .contains("a.json: linux-7.3: expected WARN, found nothing: it is safe\n")
                .contains("b.json: v5-posted: expected that it is safe, found WARN: ")
                .contains("c.json: v5-posted: expected leak, found WARN: ")
                .contains("d.json: linux-7.3: expected a proof that it is safe, found none: ")
                .contains("e.json: linux-7.3: expected the accepted deviations [D7], found [D1, D2, E11]\n")
                .endsWith("1 passed, 5 failed, 0 skipped\n");
    }

    @Test
    void shouldAlsoRunWhatHasExpectations() throws IOException {
        String expect = "\"expect\": [{\"stuck\": 1}], \"explore\"";
        write("a.json", race.replace("\"explore\"", expect));
        assertThat(run("check", directory.toString())).isEqualTo(1);
        assertThat(out.toString())
                .contains("a.json: run: expected that /expect/0 ")
                .endsWith("1 passed, 1 failed, 0 skipped\n");
    }

    @Test
    void shouldFailCounterexamplesThatShowNothing() throws IOException {
        assertThat(run("explore", RACE.toString(), "--kernel", "v5-posted", "--out", directory.toString()))
                .isEqualTo(3);
        Path file = directory.resolve("counterexample.json");
        Files.writeString(file, Files.readString(file).replaceFirst("v5-posted", "linux-7.3"));
        assertThat(run("check", file.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("replay on linux-7.3: expected WARN, found that ");
    }

    @Test
    void shouldSayInOneLineWhatIsWrong() throws IOException {
        write("bad.json", "{\"topology\": 1}");
        Files.createDirectories(directory.resolve("empty"));
        for (String line : new String[] {
            "check nowhere",
            "check " + directory,
            "check " + directory.resolve("empty"),
            "check objects-on-mock --jobs 0",
            "check objects-on-mock --junit " + directory.resolve("no/such/place.xml")
        }) {
            assertThat(run(line.split(" "))).as(line).isEqualTo(2);
            assertThat(err.toString()).as(line).hasLineCount(1).doesNotContain("Exception", "internal error");
            assertThat(out.toString()).isEmpty();
        }
    }
}
