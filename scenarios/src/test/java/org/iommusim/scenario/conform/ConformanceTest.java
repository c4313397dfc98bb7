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

/** Whole cases against the model: recorded ones pass, and the same ones with a wrong expectation do not. */
class ConformanceTest {
    private static final String READ = "smmuv3-hand-inv-389";
    private static final String REMAPPED = "smmuv3-hand-inv-411";
    private static final String TAGGED = "smmuv3-hand-tbi-103";

    @TempDir
    private Path directory;

    private final List<String> lines = new ArrayList<>();

    /** Exactly these differ, because the recorded machine is wrong in them; each says what the model does, and why. */
    @Test
    void shouldPassEveryVectorThatIsRight() {
        ConformanceReport report = run(2, false, RecordedVectors.file(RecordedVectors.SMMUV3_HAND));
        assertThat(lines.subList(0, lines.size() - 2))
                .allMatch(line -> line.contains("; the recorded machine "))
                .extracting(line -> line.replaceFirst("^quirk: differs smmuv3-hand-(\\S+): .*", "$1"))
                .containsExactly(
                        "cmd-459", "cmd-460", "cmd-461", "cmd-464", "cmd-466", "cmd-468", "cmd-495", "evtq-501");
        assertThat(report.totals()).isEqualTo(new ConformanceReport.Totals(406, 0, 0, 0, 64, 8));
        assertThat(lines).endsWith("quirk: agrees 64, quirk: differs 8", "406 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldCountWhatAKnownQuirkDoesNotExplain() throws IOException {
        String event = "\"0x0000000800000010\"";
        run("smmuv3-hand-evtq-501", event, "\"0x0000000900000010\"");
        assertThat(lines.get(0)).startsWith("failed smmuv3-hand-evtq-501: step 0 dma: event ");
        // A quirk that nobody has explained is not excused.
        run("smmuv3-hand-cmd-495", "reserved CS value accepted", "something else");
        assertThat(lines.get(0)).startsWith("failed smmuv3-hand-cmd-495: step 0 cmd: cons: ");
    }

    @Test
    void shouldPassEveryRandomVector() {
        ConformanceReport report = run(2, false, RecordedVectors.file(RecordedVectors.SMMUV3_RANDOM));
        assertThat(lines).containsExactly("quirk: agrees 99, quirk: differs 0", "420 passed, 0 failed, 0 skipped");
        assertThat(report.passed()).isTrue();
    }

    @Test
    void shouldSayTheSameWithAnyNumberOfJobs() {
        run(1, true, RecordedVectors.file(RecordedVectors.SMMUV3_HAND));
        List<String> one = List.copyOf(lines);
        run(7, true, RecordedVectors.file(RecordedVectors.SMMUV3_HAND));
        assertThat(lines).isEqualTo(one);
    }

    @Test
    void shouldSayWhereAnAddressDiffers() throws IOException {
        run(READ, "\"pa\":\"0x80000010\"", "\"pa\":\"0x80001010\"");
        assertThat(lines)
                .containsExactly(
                        "failed " + READ + ": step 0 dma: pa: expected 0x80001010, actual 0x80000010",
                        "0 passed, 1 failed, 0 skipped");
    }

    @Test
    void shouldSayWhichFieldOfARecordDiffers() throws IOException {
        run("smmuv3-hand-s1-eabt-131", "\"0x0000010000000000\"", "\"0x0000020000000000\"");
        assertThat(lines.get(0))
                .isEqualTo("failed smmuv3-hand-s1-eabt-131: step 0 dma: event CLASS: expected 0x2, actual 0x1 (expected"
                        + " F_WALK_EABT sid=0x8 iova=0x70000010 write class=IN s2=0 fetch=0x200000c00; actual"
                        + " F_WALK_EABT sid=0x8 iova=0x70000010 write class=TT s2=0 fetch=0x200000c00)");
    }

    /** Every number of every expectation counts: with another first digit, the case fails. */
    @Test
    void shouldFailOnEveryWrongNumber() throws IOException {
        Pattern expectation = Pattern.compile("\"expect\":\\{[^}]*}");
        Pattern number = Pattern.compile("\"0x[0-9a-f]");
        List<String> wrong = new ArrayList<>();
        List<String> recorded = RecordedVectors.lines(RecordedVectors.SMMUV3_HAND).stream()
                .filter(line -> !line.contains("qemu_quirk") && !line.contains("cache-dependent"))
                .toList();
        for (String line : recorded) {
            Matcher expected = expectation.matcher(line);
            while (expected.find()) {
                Matcher digits = number.matcher(line).region(expected.start(), expected.end());
                while (digits.find()) {
                    char digit = line.charAt(digits.end() - 1);
                    String other = line.substring(0, digits.end() - 1) + (digit == '1' ? '2' : '1');
                    // Only what the test device saw is one of two values: both are read, but then they disagree.
                    if (!line.startsWith("\"itd_result\":", digits.start() - 13)) {
                        wrong.add(other + line.substring(digits.end()));
                    }
                }
            }
        }
        Path file = Files.write(directory.resolve("wrong.jsonl"), wrong);
        assertThat(wrong).hasSizeGreaterThan(1000);
        assertThat(run(2, false, file).totals().passed()).isZero();
        assertThat(lines).hasSize(wrong.size() + 1);
    }

    @Test
    void shouldTakeAnEarlierResultThatNothingRequiredToDrop() throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.SMMUV3_HAND, REMAPPED);
        String fresh = "{\"ok\":true,\"pa\":\"0x80007010\"}";
        String stale = "{\"ok\":true,\"pa\":\"0x80000010\"}";
        // As if the recorded machine had not cached: what our model keeps is neither of the two results.
        String uncached = recorded.replace("\"expect\":" + stale + ",\"expect_cold\":" + fresh, "\"expect\":" + fresh);
        assertThat(uncached).isNotEqualTo(recorded);
        run(2, true, write(uncached));
        assertThat(lines)
                .contains("passed (legally stale) " + REMAPPED + ": steps [2, 5]", "passed (legally stale): 1");
        // The same without a word about caches is a failure.
        run(2, false, write(uncached.replace("\"cache-dependent\":true", "\"cache-dependent\":false")));
        assertThat(lines)
                .containsExactly(
                        "failed " + REMAPPED + ": step 2 dma: pa: expected 0x80007010, actual 0x80000010 [and 1 more]",
                        "0 passed, 1 failed, 0 skipped");
    }

    @Test
    void shouldCountStepsOfTheCheckModelApart() throws IOException {
        run(TAGGED, "\"name\":\"F_TRANSLATION\"", "\"name\":\"F_ACCESS\"");
        assertThat(lines.get(0))
                .startsWith("quirk: differs " + TAGGED + ": step 1 dma: name: expected F_ACCESS, actual F_TRANSLATION");
        assertThat(lines).endsWith("quirk: agrees 0, quirk: differs 1", "1 passed, 0 failed, 0 skipped");
        run(TAGGED, "\"name\":\"F_TRANSLATION\"", "\"name?\":\"F_ACCESS\"");
        assertThat(lines.get(0)).startsWith("unsure " + TAGGED + ": step 1 dma: name: expected F_ACCESS");
        assertThat(lines).contains("quirk: agrees 1, quirk: differs 0");
        // The steps without a word of the check model count as ever.
        run(TAGGED, "\"expect\":{\"ok\":true,\"pa\":\"0x", "\"expect\":{\"ok\":true,\"pa\":\"0x1");
        assertThat(lines).last().isEqualTo("0 passed, 1 failed, 0 skipped");
    }

    @Test
    void shouldFailWhatCannotBeModelled() throws IOException {
        run(READ, "\"IDR0\":\"0xd44101b\"", "\"IDR0\":\"0xd44901b\"");
        assertThat(lines.get(0))
                .isEqualTo("failed " + READ + ": set-up: idregs IDR0: expected only what this model can do, actual asks"
                        + " for IDR0.ATOS");
    }

    @Test
    void shouldShowStepsAndDecodedRecords() throws IOException {
        run(2, true, write(RecordedVectors.line(RecordedVectors.SMMUV3_HAND, "smmuv3-hand-s1-eabt-131")));
        assertThat(lines)
                .containsExactly(
                        "passed smmuv3-hand-s1-eabt-131",
                        "  step 0 dma write 0x70000010 sid=0x8 -> FAULT, F_WALK_EABT sid=0x8 iova=0x70000010 write class=TT"
                                + " s2=0 fetch=0x200000c00: as recorded",
                        "  step 1 dma read 0x70000020 sid=0x10 -> FAULT, F_WALK_EABT sid=0x10 iova=0x70000020 read class=TT"
                                + " s2=0 fetch=0x200000c00: as recorded",
                        "1 passed, 0 failed, 0 skipped");
    }

    @Test
    void shouldReportAsJson() throws IOException {
        String json =
                run(READ, "\"pa\":\"0x80000010\"", "\"pa\":\"0x80001010\"").json();
        assertThat(json)
                .contains("\"passed\": 0,\n  \"failed\": 1,\n  \"skipped\": 0,\n  \"legally_stale\": 0,")
                .contains("\"id\": \"" + READ + "\",\n          \"result\": \"failed\",")
                .contains("\"step\": 0,\n              \"verb\": \"dma\",\n              \"field\": \"pa\",\n"
                        + "              \"expected\": \"0x80001010\",\n              \"actual\": \"0x80000010\"");
    }

    /** Runs a recorded case with the first occurrence of a text replaced. */
    private ConformanceReport run(String id, String from, String to) throws IOException {
        String recorded = RecordedVectors.line(RecordedVectors.SMMUV3_HAND, id);
        String changed = recorded.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to));
        assertThat(changed).isNotEqualTo(recorded);
        return run(2, false, write(changed));
    }

    private Path write(String line) throws IOException {
        return Files.writeString(directory.resolve("v.jsonl"), line + "\n");
    }

    private ConformanceReport run(int jobs, boolean verbose, Path file) {
        lines.clear();
        return new Conformance(Pattern.compile(""), verbose, jobs).run(List.of(file.toString()), lines::add);
    }
}
