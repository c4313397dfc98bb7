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

/** Whole cases of AMD-Vi against the model: recorded ones pass, and the same ones with a wrong expectation do not. */
class AmdViConformanceTest {
    /** An illegal command, which stops the command buffer. */
    private static final String ILLEGAL = "cmd-(210|219|22[1-6]|23[0-7]|24[129]|25[0-7])";

    @TempDir
    private Path directory;

    private final List<String> lines = new ArrayList<>();

    /** The recorded machine is wrong in exactly these; each line says what the model does, and why. */
    @Test
    void shouldPassEveryVectorWrittenByHand() {
        run(2, false, RecordedVectors.file(RecordedVectors.AMDVI_HAND));
        List<String> differing = lines.subList(0, lines.size() - 3);
        assertThat(differing)
                .hasSize(30)
                .allMatch(line -> line.startsWith("quirk: differs ") && line.contains("the recorded machine"))
                .extracting(line -> line.replaceFirst("^quirk: differs amdvi-hand-([a-z]+(-bit)?-[0-9]+): .*", "$1"))
                .filteredOn(id -> !id.matches(ILLEGAL))
                .containsExactly("dte-bit-153", "evt-188", "cmd-263", "excl-267");
        assertThat(lines)
                .endsWith(
                        "passed (legally stale): 3",
                        "quirk: agrees 84, quirk: differs 30",
                        "199 passed, 0 failed, 0 skipped");
    }

    /** Every event is the one that the check model expects, in all that it says of it. */
    @Test
    void shouldPassEveryRandomVector() {
        run(2, false, RecordedVectors.file(RecordedVectors.AMDVI_RANDOM));
        assertThat(lines).containsExactly("quirk: agrees 188, quirk: differs 0", "240 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldSayTheSameWithAnyNumberOfJobs() {
        run(1, true, RecordedVectors.file(RecordedVectors.AMDVI_HAND));
        List<String> one = List.copyOf(lines);
        run(7, true, RecordedVectors.file(RecordedVectors.AMDVI_HAND));
        assertThat(lines).isEqualTo(one);
    }

    /** Every number that is expected counts; of an event its code, and device and function. Of several the first one counts. */
    @Test
    void shouldFailOnEveryWrongNumber() throws IOException {
        Pattern expectation =
                Pattern.compile("\"(pa|value|head|status)\":\"0x[0-9a-f]+\"|\"event\":\\[\"0x[0-9a-f]+\"");
        List<String> wrong = new ArrayList<>();
        for (String file : List.of(RecordedVectors.AMDVI_HAND, RecordedVectors.AMDVI_RANDOM)) {
            RecordedVectors.lines(file).stream()
                    .filter(line -> !line.contains("qemu_quirk") && !line.contains("cache-dependent"))
                    .filter(line -> !line.contains("\"events\"") && !line.contains("dte-bit-153"))
                    .map(line -> line.replaceAll(",\"arch\":\\{[^}]*}", ""))
                    .forEach(line -> addWrong(line, expectation, wrong));
        }
        Path file = Files.write(directory.resolve("wrong.jsonl"), wrong);
        assertThat(wrong).hasSizeGreaterThan(1000);
        assertThat(run(2, false, file).totals().passed()).isZero();
    }

    /** Changes the first digit of a number, and of an event also the last one, which is of the function. */
    private static void addWrong(String line, Pattern expectation, List<String> wrong) {
        Matcher expected = expectation.matcher(line);
        while (expected.find()) {
            int first = line.lastIndexOf("\"0x", expected.end() - 2) + 3;
            wrong.add(changed(line, first));
            if (line.startsWith("\"event\"", expected.start())) {
                wrong.add(changed(line, expected.end() - 2));
            }
        }
    }

    private static String changed(String line, int at) {
        return line.substring(0, at) + (line.charAt(at) == '1' ? '2' : '1') + line.substring(at + 1);
    }

    /** What the check model says of an event counts where it says it: the address, the domain, the flags. */
    @Test
    void shouldCompareEventsWithTheCheckModel() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-dte-019");
        assertThat(recorded).contains("0x2070001500000028").contains("0x0000000100001000");
        run(2, false, write(recorded));
        assertThat(lines).containsExactly("quirk: agrees 1, quirk: differs 0", "1 passed, 0 failed, 0 skipped");
        run(2, false, write(recorded.replace("0x0000000100001000", "0x0000000100002000")));
        assertThat(lines.get(0)).startsWith("quirk: differs amdvi-hand-dte-019: step 0 dma: event address: expected");
        run(2, false, write(recorded.replace("0x2070001500000028", "0x2070001600000028")));
        assertThat(lines.get(0))
                .startsWith("quirk: differs amdvi-hand-dte-019: step 0 dma: event DomainID/PASID: expected");
        run(2, false, write(recorded.replace("0x2070001500000028", "0x2050001500000028")));
        assertThat(lines.get(0)).startsWith("quirk: differs amdvi-hand-dte-019: step 0 dma: event flags: expected");
    }

    /** Of a fault for want of a page the check model does not say whether it was a write. */
    @Test
    void shouldNotAskWhetherItWasAWriteWhereNobodySays() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-pr-120");
        assertThat(recorded).contains("0x2000001500000028");
        for (String same : List.of("0x2000001500000028", "0x2020001500000028")) {
            run(2, false, write(recorded.replace("0x2000001500000028", same)));
            assertThat(lines).startsWith("quirk: agrees 1, quirk: differs 0");
        }
        run(2, false, write(recorded.replace("0x2000001500000028", "0x2010001500000028")));
        assertThat(lines.get(0)).contains("event flags: expected 0x10, actual 0x0");
    }

    /** A name that the check model is not sure of is only listed. */
    @Test
    void shouldOnlyListWhatTheCheckModelIsUnsureOf() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-dte-016");
        run(2, false, write(recorded.replace("IO_PAGE_FAULT?", "INVALID_DEVICE_REQUEST?")));
        assertThat(lines)
                .filteredOn(line -> line.startsWith("unsure "))
                .hasSize(3)
                .allMatch(line -> line.contains("expected INVALID_DEVICE_REQUEST, actual IO_PAGE_FAULT"));
        assertThat(lines).endsWith("1 passed, 0 failed, 0 skipped");
        run(2, false, write(recorded.replace("IO_PAGE_FAULT?", "INVALID_DEVICE_REQUEST")));
        assertThat(lines.get(0)).startsWith("quirk: differs amdvi-hand-dte-016");
    }

    /** A function whose entry keeps it silent explains an event that is not there, and nothing else. */
    @Test
    void shouldExplainSilentFunctionsAndNothingElse() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-dte-bit-153");
        run(2, false, write(recorded));
        assertThat(lines.get(0)).startsWith("quirk: differs").contains("make no event (SA, or SE after the first)");
        run(2, false, write(recorded.replace("\"ok\":false,\"event\"", "\"ok\":true,\"pa\":\"0x0\",\"event\"")));
        assertThat(lines.get(0)).startsWith("failed amdvi-hand-dte-bit-153: step 3 dma: ok: expected true");
    }

    /** Records that software leaves in the log are seen again, and are no further ones. */
    @Test
    void shouldSeeRecordsAgainUntilTheyAreConsumed() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-evt-188");
        run(2, false, write(recorded.replaceFirst("\"qemu_quirk\":\"[^\"]*\",", "")));
        assertThat(lines.get(0))
                .startsWith("failed amdvi-hand-evt-188: step 7 rdreg: value: expected 0x18, actual 0x19")
                .doesNotContain("more");
    }

    /** A translation that nobody has invalidated may still be there, whatever the tables say by now. */
    @Test
    void shouldTakeAnEarlierResultThatNothingRequiredToDrop() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-inv-199");
        run(2, true, write(recorded));
        assertThat(lines).contains("passed (legally stale) amdvi-hand-inv-199: steps [5]");
        run(2, false, write(recorded.replace("\"cache-dependent\":true", "\"cache-dependent\":false")));
        assertThat(lines.get(0)).startsWith("failed amdvi-hand-inv-199: step 5 dma: pa: expected");
    }

    @Test
    void shouldFailWhatCannotBeModelled() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.AMDVI_HAND, "amdvi-hand-basic-002");
        run(2, false, write(recorded.replace("\"0x29d3\"", "\"0x129d3\"")));
        assertThat(lines.get(0))
                .startsWith(
                        "failed amdvi-hand-basic-002: set-up: idregs EFR: expected only what this model can do, actual"
                                + " asks for SMIF_SUP");
    }

    private Path write(String line) throws IOException {
        return Files.writeString(directory.resolve("v.jsonl"), line + "\n");
    }

    private ConformanceReport run(int jobs, boolean verbose, Path file) {
        lines.clear();
        return new Conformance(Pattern.compile(""), verbose, jobs).run(List.of(file.toString()), lines::add);
    }
}
