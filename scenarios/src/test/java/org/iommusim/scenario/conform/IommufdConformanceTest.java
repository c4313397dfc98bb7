package org.iommusim.scenario.conform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real kernel answered, against the models: the recorded cases pass, and with a wrong answer in them they do not. */
class IommufdConformanceTest {
    /** Of all numbers that could be wrong, as many are tried as a test has time for. */
    private static final int STRIDE = 5;

    private static final Pattern ERRNO = Pattern.compile("\"errno\": (0|\"-E[A-Z0-9]+\")");
    private static final Pattern ID = Pattern.compile("(?<=\"ids\": \\{\"\\$[a-z0-9]{1,12}\": )[0-9]+");
    private static final Pattern OUTPUT = Pattern.compile("\"out\": \\{[^}]*}");
    private static final Pattern NUMBER = Pattern.compile("\"0x[0-9a-f]");

    @TempDir
    private Path directory;

    private final List<String> lines = new ArrayList<>();

    @Test
    void shouldPassEveryVectorWrittenByHand() {
        run(RecordedVectors.file(RecordedVectors.IOMMUFD_HAND));
        assertThat(lines).containsExactly("170 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldPassEveryRandomVector() {
        run(RecordedVectors.file(RecordedVectors.IOMMUFD_RANDOM));
        assertThat(lines).containsExactly("569 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldFailOnEveryWrongErrno() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String line : RecordedVectors.lines(RecordedVectors.IOMMUFD_HAND)) {
            Matcher errno = ERRNO.matcher(line);
            while (errno.find()) {
                String other = errno.group(1).equals("0") ? "\"-EBUSY\"" : "0";
                wrong.add(line.substring(0, errno.start(1)) + other + line.substring(errno.end(1)));
            }
        }
        shouldAllFail(wrong);
    }

    @Test
    void shouldFailOnEveryWrongId() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String line : RecordedVectors.lines(RecordedVectors.IOMMUFD_HAND)) {
            Matcher id = ID.matcher(line);
            while (id.find()) {
                int other = Integer.parseInt(id.group()) + 1;
                wrong.add(line.substring(0, id.start()) + other + line.substring(id.end()));
            }
        }
        shouldAllFail(wrong);
    }

    @Test
    void shouldFailOnEveryWrongOutput() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (String line : RecordedVectors.lines(RecordedVectors.IOMMUFD_HAND)) {
            Matcher output = OUTPUT.matcher(line);
            while (output.find()) {
                Matcher number = NUMBER.matcher(line).region(output.start(), output.end());
                while (number.find()) {
                    char digit = line.charAt(number.end() - 1);
                    String other = line.substring(0, number.end() - 1) + (digit == '1' ? '2' : '1');
                    wrong.add(other + line.substring(number.end()));
                }
            }
        }
        shouldAllFail(wrong);
    }

    private void shouldAllFail(List<String> wrong) throws IOException {
        List<String> tried = new ArrayList<>();
        for (int i = 0; i < wrong.size(); i += STRIDE) {
            tried.add(wrong.get(i));
        }
        assertThat(tried).hasSizeGreaterThan(20);
        ConformanceReport report = run(Files.write(directory.resolve("wrong.jsonl"), tried));
        assertThat(report.totals().passed()).isZero();
        assertThat(lines).hasSize(tried.size() + 1);
    }

    private ConformanceReport run(Path file) {
        return new Conformance(Pattern.compile(""), false, 2).run(List.of(file.toString()), lines::add);
    }
}
