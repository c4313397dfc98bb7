package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.iommusim.scenario.library.Library;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bundled scenario, from the file to the files. */
class BundledScenariosTest {
    @TempDir
    private Path temporary;

    private record Result(int status, String out, String err) {}

    private static Result run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.run(arguments, new Console(new PrintWriter(out), new PrintWriter(err), false, false));
        return new Result(status, out.toString(), err.toString());
    }

    static Stream<String> names() {
        return Library.bundled().stream().map(Library.Entry::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldBeValid(String name) {
        Result result = run("validate", name);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).isEqualTo(name + ": valid (" + name + ")\n");
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldHoldItsExpectationsTheSameWayTwice(String name) {
        Result first = run("run", name);
        assertThat(first.out()).as(first.err()).contains("\ndigest sha256:");
        assertThat(first.status()).as(first.out()).isZero();
        assertThat(run("run", name).out()).isEqualTo(first.out());
    }

    @Test
    void shouldDependOnTheSeedWhereThereIsTraffic() {
        String out = run("run", "orderly-unplug-replug").out();
        assertThat(run("run", "orderly-unplug-replug", "--seed", "1").out()).isEqualTo(out);
        assertThat(run("run", "orderly-unplug-replug", "--seed", "2").out()).isNotEqualTo(out);
    }

    @Test
    void shouldWriteTheSameWithAndWithoutADirectory() throws IOException {
        Path first = temporary.resolve("first");
        Path second = temporary.resolve("second");
        String[] names = {
            "summary.json", "latency.csv", "latency.hgrm", "requests.csv", "trace.perfetto-trace", "report.html"
        };
        String out = run("run", "orderly-unplug-replug").out();
        for (Path directory : new Path[] {first, second}) {
            Result result = run("run", "orderly-unplug-replug", "--out", directory.toString(), "--requests");
            assertThat(result.out()).isEqualTo(out);
        }
        for (String name : names) {
            assertThat(second.resolve(name)).as(name).hasSameBinaryContentAs(first.resolve(name));
        }
        assertThat(first.resolve("run.log")).content().contains("digest ", "DMAs/s");
        assertThat(first.resolve("summary.json"))
                .hasContent(
                        run("run", "orderly-unplug-replug", "--format", "json").out());

        String page = Files.readString(first.resolve("report.html"));
        Files.delete(first.resolve("report.html"));
        assertThat(run("report", first.toString()).status()).isZero();
        assertThat(first.resolve("report.html")).hasContent(page);
    }

    @Test
    void shouldFailWhenAnExpectationDoesNotHold() throws IOException {
        Path file = temporary.resolve("changed.json");
        String text = Files.readString(Path.of("src/main/resources/scenarios/forgotten-vdevice.json"));
        Files.writeString(file, text.replace("\"errno\": \"ENOENT\", ", ""));
        Result result = run("run", file.toString());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .contains("= ENOENT  UNEXPECTED, not OK", "FAIL  every step answers as its script says");
    }

    @Test
    void shouldEndARunThatWaitsForEver() throws IOException {
        Path file = temporary.resolve("stuck.json");
        String text = Files.readString(Path.of("src/main/resources/scenarios/forgotten-vdevice.json"));
        Files.writeString(
                file,
                text.replace(
                        "{\"do\": \"close\", \"fd\": \"$vfio\",", "{\"do\": \"wait_request\", \"vfio\": \"$vfio\","));
        Result result = run("run", file.toString());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).contains("stuck vmm: step 9 wait_request", "FAIL  stuck actors: 0, found 1");
    }

    @Test
    void shouldSayInOneLineThatAScriptCannotBeRun() throws IOException {
        Path file = temporary.resolve("endless.json");
        String text = Files.readString(Path.of("src/main/resources/scenarios/orderly-unplug-replug.json"));
        Files.writeString(file, text.replace("\"count\": 500, \"outstanding\"", "\"outstanding\""));
        Result result = run("run", file.toString());
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).hasLineCount(1).startsWith(file + ": /actors/2/script/4: found that ");

        Files.writeString(file, text.replaceAll("\\{\"do\": \"memslot\"[^}]*},", ""));
        assertThat(run("run", file.toString()).err()).hasLineCount(1).startsWith(file + ": /actors/2: found that ");
    }
}
