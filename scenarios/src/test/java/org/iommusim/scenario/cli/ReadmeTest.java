package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example runs, and its excerpts look like what is printed; figures may have moved. */
class ReadmeTest {
    @TempDir
    Path temporary;

    private static List<String> readme() throws IOException {
        return Files.readAllLines(Path.of("..", "README.md"));
    }

    private static String run(String scenario) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.run(
                new String[] {"run", scenario}, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
        assertThat(status).as(err.toString()).isZero();
        return out.toString();
    }

    /** A line without what may move: figures, bars, and the width of columns. */
    private static String shape(String line) {
        return line.replaceAll("[0-9][0-9,.]*", "#")
                .replaceAll("[\\u2580-\\u259f]", "")
                .replaceAll("\\s+", " ")
                .strip();
    }

    /** The indented block that begins at or after the first line that contains {@code first}. */
    private static List<String> blockAfter(List<String> lines, String first) {
        List<String> block = new ArrayList<>();
        int at = 0;
        while (!lines.get(at).contains(first)) {
            at++;
        }
        while (!lines.get(at).startsWith("    ")) {
            at++;
        }
        for (; lines.get(at).startsWith("    "); at++) {
            String line = lines.get(at).strip();
            if (!line.equals("...") && !line.startsWith("$ ") && !line.startsWith("digest ")) {
                block.add(shape(line));
            }
        }
        return block;
    }

    private static List<String> shapes(String output) {
        return output.lines().map(ReadmeTest::shape).toList();
    }

    @Test
    void shouldShowWhatTheFirstScenarioPrints() throws IOException {
        assertThat(shapes(run("orderly-unplug-replug")))
                .containsSubsequence(blockAfter(readme(), "$ ./iommusim run orderly-unplug-replug"));
    }

    @Test
    void shouldShowTheRaceAsItIsPrinted() throws IOException {
        assertThat(shapes(run("lost-wakeup")))
                .containsSubsequence(blockAfter(readme(), "$ ./iommusim run lost-wakeup"));
        StringWriter out = new StringWriter();
        String[] explore = {"explore", "lost-wakeup", "--strict", "--out", temporary.toString()};
        assertThat(Main.run(
                        explore, new Console(new PrintWriter(out), new PrintWriter(new StringWriter()), false, false)))
                .isEqualTo(Exit.VIOLATION);
        assertThat(shapes(out.toString()))
                .containsSubsequence(blockAfter(readme(), "$ ./iommusim explore lost-wakeup"));
    }

    @Test
    void shouldShowAnExampleThatRunsAndPrintsThat() throws IOException {
        List<String> lines = readme();
        String example = lines.stream()
                .dropWhile(line -> !line.equals("```json"))
                .skip(1)
                .takeWhile(line -> !line.equals("```"))
                .collect(Collectors.joining("\n"));
        Path file = temporary.resolve("unmap.json");
        Files.writeString(file, example);
        assertThat(shapes(run(file.toString()))).containsSubsequence(blockAfter(lines, "Saved as `unmap.json`"));
    }
}
