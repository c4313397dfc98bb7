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

/** Whole cases of VT-d against the model: recorded ones pass, and the same ones with a wrong expectation do not. */
class VtdConformanceTest {
    @TempDir
    private Path directory;

    private final List<String> lines = new ArrayList<>();

    @Test
    void shouldPassEveryVectorWrittenByHand() {
        ConformanceReport report = run(2, false, RecordedVectors.file(RecordedVectors.VTD_HAND));
        assertThat(lines)
                .containsExactly(
                        "passed (legally stale): 4",
                        "quirk: agrees 56, quirk: differs 0",
                        "486 passed, 0 failed, 0 skipped");
        assertThat(report.totals()).isEqualTo(new ConformanceReport.Totals(486, 0, 0, 4, 56, 0));
    }

    /** One differs: neither the recorded machine nor the check model looks at reserved bits of PASID entries. */
    @Test
    void shouldPassEveryRandomVector() {
        run(2, false, RecordedVectors.file(RecordedVectors.VTD_RANDOM));
        assertThat(lines.get(0))
                .startsWith("quirk: differs vtd-random-public-sm-ss-0045: step 0 dma: ok: expected true, actual false")
                .contains("bits of a PASID entry that are reserved");
        assertThat(lines.subList(1, lines.size()))
                .containsExactly("quirk: agrees 78, quirk: differs 1", "300 passed, 0 failed, 0 skipped");
    }

    /** The recorded machine is wrong in exactly these; each line says what the model does, and why. */
    @Test
    void shouldPassEveryInterruptVector() {
        run(2, false, RecordedVectors.file(RecordedVectors.VTD_INTERRUPTS));
        assertThat(lines.subList(0, lines.size() - 3))
                .allMatch(line -> line.contains("; the recorded machine "))
                .extracting(line -> line.replaceFirst("^quirk: differs vtd-ir-([0-9]+): .*", "$1"))
                .containsExactly("061", "063", "064", "065", "066", "067", "070", "072", "073", "089");
        assertThat(lines)
                .endsWith(
                        "passed (legally stale): 1",
                        "quirk: agrees 0, quirk: differs 10",
                        "69 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldSayTheSameWithAnyNumberOfJobs() {
        run(1, true, RecordedVectors.file(RecordedVectors.VTD_HAND));
        List<String> one = List.copyOf(lines);
        run(7, true, RecordedVectors.file(RecordedVectors.VTD_HAND));
        assertThat(lines).isEqualTo(one);
    }

    /** Every number that is expected of a message or of a record counts: with another first digit, the case fails. */
    @Test
    void shouldFailOnEveryWrongNumber() throws IOException {
        Pattern expectation = Pattern.compile("\"(msi|event|pa|value|fsts|iqh)\":(\\[[^]]*]|\"[^\"]*\")");
        Pattern number = Pattern.compile("\"0x[0-9a-f]");
        List<String> wrong = new ArrayList<>();
        for (String file : List.of(RecordedVectors.VTD_HAND, RecordedVectors.VTD_INTERRUPTS)) {
            RecordedVectors.lines(file).stream()
                    .filter(line -> !line.contains("qemu_quirk") && !line.contains("cache-dependent"))
                    .forEach(line -> addWrong(line, expectation, number, wrong));
        }
        Path file = Files.write(directory.resolve("wrong.jsonl"), wrong);
        assertThat(wrong).hasSizeGreaterThan(1000);
        assertThat(run(2, false, file).totals().passed()).isZero();
    }

    private static void addWrong(String line, Pattern expectation, Pattern number, List<String> wrong) {
        Matcher expected = expectation.matcher(line);
        while (expected.find()) {
            Matcher digits = number.matcher(line).region(expected.start(), expected.end());
            while (digits.find()) {
                char digit = line.charAt(digits.end() - 1);
                wrong.add(line.substring(0, digits.end() - 1)
                        + (digit == '1' ? '2' : '1')
                        + line.substring(digits.end()));
            }
        }
    }

    @Test
    void shouldTakeAnEarlierMessageThatNothingRequiredToDrop() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.VTD_INTERRUPTS, "vtd-ir-090");
        run(2, true, write(recorded));
        assertThat(lines).contains("passed (legally stale) vtd-ir-090: steps [2]");
        run(2, false, write(recorded.replace("\"cache-dependent\":true", "\"cache-dependent\":false")));
        assertThat(lines.get(0))
                .isEqualTo("failed vtd-ir-090: step 2 msi: message: expected [0xfee01000, 0x4042], actual [0xfee01000,"
                        + " 0x4041]");
    }

    /** A reserved bit of a PASID entry, which no vector names as a quirk, explains fault 0x5a and nothing else. */
    @Test
    void shouldExplainReservedBitsOfPasidEntriesAndNothingElse() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.VTD_HAND, "vtd-hand-fs-621");
        assertThat(recorded).contains("\"0x0000000000000049\"");
        run(2, false, write(recorded.replace("\"0x0000000000000049\"", "\"0x0000000000000449\"")));
        assertThat(lines.get(0))
                .startsWith("quirk: differs vtd-hand-fs-621: step 0 dma: ok: expected true, actual false")
                .contains("bits of a PASID entry that are reserved");
        assertThat(lines).endsWith("1 passed, 0 failed, 0 skipped");
        run(2, false, write(recorded.replace("\"0x0000000000000049\"", "\"0x0000000000000048\"")));
        assertThat(lines.get(0)).startsWith("failed vtd-hand-fs-621: step 0 dma: ok: expected true, actual false");
    }

    @Test
    void shouldShowMessagesAndDecodedRecords() throws IOException {
        run(2, true, write(RecordedVectors.line(RecordedVectors.VTD_INTERRUPTS, "vtd-ir-024")));
        assertThat(lines)
                .containsExactly(
                        "passed vtd-ir-024",
                        "  step 0 msi 0xfee00030 data=0x0 sid=0x30 -> INTERRUPT [0xfee01000, 0x4055]: as recorded",
                        "  step 1 msi 0xfee00050 data=0x0 sid=0x30 -> FAULT, 0x21 interrupt index beyond the table sid=0x30"
                                + " index=2: as recorded",
                        "1 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldFailWhatCannotBeModelled() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.VTD_HAND, "vtd-hand-off-001");
        run(2, false, write(recorded.replace("\"0x80d2008c222f0606\"", "\"0x88d2008c222f0606\"")));
        assertThat(lines.get(0))
                .isEqualTo(
                        "failed vtd-hand-off-001: set-up: idregs CAP: expected only what this model can do, actual asks"
                                + " for CAP.PI");
    }

    private Path write(String line) throws IOException {
        return Files.writeString(directory.resolve("v.jsonl"), line + "\n");
    }

    private ConformanceReport run(int jobs, boolean verbose, Path file) {
        lines.clear();
        return new Conformance(Pattern.compile(""), verbose, jobs).run(List.of(file.toString()), lines::add);
    }
}
