package org.iommusim.scenario.conform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.iommusim.hw.conform.VectorTarget;
import org.iommusim.hw.dma.DmaOutcome;
import org.junit.jupiter.api.Test;

/** Every comparison can fail, and says what differs. */
class JudgeTest {
    private static final VectorTarget TARGET = VectorTarget.find("smmuv3").orElseThrow();
    private static final Map<String, Long> QUIET = Map.of("cons", 3L, "gerror", 0L);
    private static final long[] TRANSLATION_S2 = {0x10_0000_0010L, 0x288_0000_0000L, 0x1010, 0x1234_5010};
    private static final long[] TRANSLATION_S1 = {0x10_0000_0010L, 0x208_0000_0000L, 0x1010, 0};
    private static final long[] WALK_ABORT = {0x10_0000_000bL, 0x108_0000_0000L, 0x1010, 0x2_0000_0390L};

    @Test
    void shouldAcceptWhatWasRecorded() {
        assertThat(dma(ok(0x8000_0010L), seen(DmaOutcome.OK, 0x8000_0010L))).isEmpty();
        assertThat(dma(fault(TRANSLATION_S2), faulted(TRANSLATION_S2))).isEmpty();
        assertThat(dma(fault(null), faulted())).isEmpty();
        assertThat(dma(nowhere(0x10), seen(DmaOutcome.BUS_ERROR, 0x10))).isEmpty();
    }

    @Test
    void shouldRefuseAnotherOutcome() {
        assertThat(dma(ok(0x10), faulted(TRANSLATION_S1)))
                .first()
                .isEqualTo("ok: expected true, actual false"
                        + " (actually FAULT, F_TRANSLATION sid=0x10 iova=0x1010 read class=IN s2=0)");
        assertThat(dma(fault(null), seen(DmaOutcome.OK, 0x10)))
                .contains("ok: expected false, actual true (actually OK 0x10)");
        assertThat(dma(ok(0x10), seen(DmaOutcome.PENDING, -1))).contains("answer: expected one, actual PENDING");
        assertThat(dma(fault(null), seen(DmaOutcome.LOST, -1))).contains("answer: expected one, actual LOST");
    }

    @Test
    void shouldRefuseAnotherAddress() {
        assertThat(dma(ok(0x8000_0010L), seen(DmaOutcome.OK, 0x8000_1010L)))
                .containsExactly("pa: expected 0x80000010, actual 0x80001010");
    }

    @Test
    void shouldRefuseMemoryWhereThereIsNone() {
        assertThat(dma(nowhere(0x10), seen(DmaOutcome.OK, 0x10)))
                .containsExactly("no memory: expected true, actual false");
        assertThat(dma(ok(0x10), seen(DmaOutcome.BUS_ERROR, 0x10)))
                .containsExactly("no memory: expected false, actual true");
    }

    @Test
    void shouldTellBypassFromTranslation() {
        assertThat(dma(ok(0x10), seen(DmaOutcome.BYPASS, 0x10))).containsExactly("bypass: expected false, actual true");
        AccessExpectation bypass = new AccessExpectation(
                true, List.of(0x10L), List.of(), true, false, null, null, Map.of(), true, null, List.of());
        assertThat(dma(bypass, seen(DmaOutcome.OK, 0x10))).containsExactly("bypass: expected true, actual false");
    }

    @Test
    void shouldRefuseARecordTooManyOrTooFew() {
        assertThat(dma(fault(null), faulted(TRANSLATION_S1)))
                .containsExactly("event: expected none, actual F_TRANSLATION sid=0x10 iova=0x1010 read class=IN s2=0");
        assertThat(dma(fault(TRANSLATION_S1), faulted()))
                .containsExactly("event: expected F_TRANSLATION sid=0x10 iova=0x1010 read class=IN s2=0, actual none");
        assertThat(dma(fault(TRANSLATION_S1), faulted(TRANSLATION_S1, TRANSLATION_S1)))
                .containsExactly("number of events: expected 1, actual 2");
    }

    @Test
    void shouldNameTheFieldsThatDiffer() {
        String decoded = " (expected F_TRANSLATION sid=0x10 iova=0x1010 read class=IN s2=1 ipa=0x12345000;"
                + " actual F_TRANSLATION sid=0x10 iova=0x1010 read class=TT s2=1 ipa=0x12346000)";
        assertThat(dma(fault(TRANSLATION_S2), faulted(changed(changed(TRANSLATION_S2, 1, 3L << 40), 3, 0x3000))))
                .containsExactly(
                        "event CLASS: expected 0x2, actual 0x1" + decoded,
                        "event IPA: expected 0x12345000, actual 0x12346000" + decoded);
        assertThat(dma(fault(TRANSLATION_S2), faulted(changed(TRANSLATION_S2, 0, 3))))
                .singleElement()
                .asString()
                .startsWith("name: expected F_TRANSLATION, actual F_PERMISSION (expected F_TRANSLATION sid=0x10");
    }

    @Test
    void shouldCompareEveryDefinedBitOfARecord() {
        for (long[] record : List.of(TRANSLATION_S1, TRANSLATION_S2, WALK_ABORT)) {
            for (int word = 0; word < 4; word++) {
                for (int bit = 0; bit < 64; bit++) {
                    // Undefined: the IPA's offset in its page.
                    boolean undefined = record == TRANSLATION_S2 && word == 3 && bit < 12;
                    assertThat(dma(fault(record), faulted(changed(record, word, 1L << bit)))
                                    .isEmpty())
                            .as("word %d bit %d", word, bit)
                            .isEqualTo(undefined);
                }
            }
        }
    }

    @Test
    void shouldRefuseAChangeOfStateThatWasNotRecorded() {
        Observation changed = new Observation(
                List.of(DmaOutcome.OK),
                List.of(0x10L),
                List.of(),
                List.of(),
                List.of(),
                0,
                QUIET,
                Map.of("cons", 3L, "gerror", 4L));
        assertThat(dma(ok(0x10), changed)).containsExactly("gerror (unchanged): expected 0x0, actual 0x4");
        AccessExpectation expected = new AccessExpectation(
                true, List.of(0x10L), List.of(), false, false, null, null, Map.of("gerror", 4L), true, null, List.of());
        assertThat(dma(expected, changed)).isEmpty();
        assertThat(dma(expected, seen(DmaOutcome.OK, 0x10))).containsExactly("gerror: expected 0x4, actual 0x0");
    }

    @Test
    void shouldCompareWhatTheDeviceSaw() {
        AccessExpectation expected = new AccessExpectation(
                false, List.of(), List.of(), false, false, null, null, Map.of(), true, true, List.of());
        assertThat(dma(expected, faulted())).isEmpty();
        AccessExpectation none = new AccessExpectation(
                true, List.of(0x10L), List.of(), false, true, null, null, Map.of(), true, false, List.of());
        assertThat(dma(none, seen(DmaOutcome.BUS_ERROR, 0x10)))
                .containsExactly("bus error at the device: expected false, actual true");
    }

    @Test
    void shouldCompareTheWordsOfTheCheckModel() {
        ArchClaim permission = claim(false, null, "F_PERMISSION", Map.of("s2", 1L, "cls", 2L, "addr2", 0x1010L));
        long[] record = {0x10_0000_0013L, 0x288_0000_0000L, 0x1010, 0x1abc};
        assertThat(claimed(permission, faulted(record))).isEmpty();
        assertThat(claimed(permission, faulted(changed(record, 3, 0x1000))))
                .containsExactly("addr2: expected 0x1000, actual 0x0");
        assertThat(claimed(permission, faulted(changed(record, 1, 1L << 39)))).contains("s2: expected 0x1, actual 0x0");
        assertThat(claimed(permission, faulted(changed(record, 1, 1L << 40))))
                .containsExactly("cls: expected 0x2, actual 0x3");
        assertThat(claimed(permission, faulted()))
                .containsExactly("name: expected F_PERMISSION, actual none (actually FAULT)");
        assertThat(claimed(claim(false, null, null, Map.of("s2", 0L)), faulted(record)))
                .singleElement()
                .asString()
                .startsWith("name: expected none, actual F_PERMISSION");
        assertThat(claimed(claim(false, null, null, Map.of("s2", 0L)), faulted()))
                .isEmpty();
        ArchClaim through = new ArchClaim(true, 0x20L, false, null, null, new TreeMap<>(), List.of(), new TreeSet<>());
        assertThat(claimed(through, seen(DmaOutcome.OK, 0x10))).containsExactly("pa: expected 0x20, actual 0x10");
        assertThat(claimed(through, seen(DmaOutcome.BUS_ERROR, 0x20))).isEmpty();
    }

    @Test
    void shouldCompareClaimsWithoutAName() {
        ArchClaim second = new ArchClaim(
                false, null, false, null, null, new TreeMap<>(Map.of("s2", 1L)), List.of(), new TreeSet<>());
        assertThat(claimed(second, faulted(TRANSLATION_S2))).isEmpty();
        assertThat(claimed(second, faulted(TRANSLATION_S1))).containsExactly("s2: expected 0x1, actual 0x0");
        assertThat(claimed(second, faulted())).containsExactly("s2: expected 0x1, actual no record (actually FAULT)");
    }

    @Test
    void shouldCompareWhatTheIommuItselfChanges() {
        List<MemoryWord> changed = List.of(new MemoryWord(0x3000, 0x27));
        ArchClaim claim = new ArchClaim(true, null, false, null, null, new TreeMap<>(), changed, new TreeSet<>());
        Observation seen = seen(DmaOutcome.OK, 0x10);
        assertThat(lines(Judge.claim(TARGET, 0, "dma", claim, seen, TARGET.bench(null, null), word -> 0x27)))
                .isEmpty();
        assertThat(claimed(claim, seen)).containsExactly("memory at 0x3000: expected 0x27, actual 0x0");
        assertThat(lines(Judge.memory(TARGET, 0, "dma", changed, word -> word)))
                .containsExactly("memory at 0x3000: expected 0x27, actual 0x3000");
    }

    /** Whoever says what the IOMMU changes says all of it. */
    @Test
    void shouldRefuseAChangeOfMemoryBesideTheExpectedOnes() {
        List<MemoryWord> words = List.of(new MemoryWord(0x3000, 0x27), new MemoryWord(0x3008, 0));
        Observation seen =
                new Observation(List.of(DmaOutcome.OK), List.of(0x10L), List.of(), words, List.of(), 0, QUIET, QUIET);
        assertThat(dma(changing(), seen)).as("nobody has looked").isEmpty();
        assertThat(dma(changing(new MemoryWord(0x3008, 0)), seen))
                .containsExactly("memory (unchanged) at 0x3000: expected unchanged, actual 0x27");
        ArchClaim other = new ArchClaim(
                true, null, false, null, null, new TreeMap<>(), List.of(new MemoryWord(0x3008, 0)), new TreeSet<>());
        assertThat(claimed(other, seen))
                .containsExactly("memory (unchanged) at 0x3000: expected unchanged, actual 0x27");
    }

    private static AccessExpectation changing(MemoryWord... words) {
        return new AccessExpectation(
                true, List.of(0x10L), List.of(), false, false, null, null, Map.of(), true, null, List.of(words));
    }

    /** A command may make a record; where none was recorded, nobody has looked. */
    @Test
    void shouldCompareTheRecordOfACommand() {
        assertThat(ofCommand(null, TRANSLATION_S1)).isEmpty();
        assertThat(ofCommand(TRANSLATION_S1, TRANSLATION_S1, WALK_ABORT)).isEmpty();
        assertThat(ofCommand(TRANSLATION_S1))
                .containsExactly("event: expected F_TRANSLATION sid=0x10 iova=0x1010 read class=IN s2=0, actual none");
        assertThat(ofCommand(TRANSLATION_S1, WALK_ABORT))
                .singleElement()
                .asString()
                .startsWith("name: expected F_TRANSLATION, actual F_WALK_EABT");
    }

    private static List<String> ofCommand(long[] expected, long[]... records) {
        return lines(Judge.record(TARGET, 0, "dma", expected, List.of(records)));
    }

    /** What software has left in the log is there again, and counts neither as one too many nor as a new one. */
    @Test
    void shouldNotCountRecordsThatWereLeft() {
        Observation again = new Observation(
                List.of(DmaOutcome.FAULT),
                List.of(-1L),
                List.of(),
                List.of(),
                List.of(TRANSLATION_S1, TRANSLATION_S1, TRANSLATION_S1),
                2,
                QUIET,
                QUIET);
        assertThat(dma(fault(TRANSLATION_S1), again)).isEmpty();
        Observation two = new Observation(
                List.of(DmaOutcome.FAULT),
                List.of(-1L),
                List.of(),
                List.of(),
                List.of(TRANSLATION_S1, TRANSLATION_S1, TRANSLATION_S1),
                1,
                QUIET,
                QUIET);
        assertThat(dma(fault(TRANSLATION_S1), two)).containsExactly("number of events: expected 1, actual 2");
    }

    /** A claim may give the whole record. */
    @Test
    void shouldCompareAWholeRecordOfTheCheckModel() {
        ArchClaim whole = new ArchClaim(
                false, null, true, "F_TRANSLATION", TRANSLATION_S1, new TreeMap<>(), List.of(), new TreeSet<>());
        assertThat(claimed(whole, faulted(TRANSLATION_S1))).isEmpty();
        assertThat(claimed(whole, faulted(changed(TRANSLATION_S1, 2, 0x1000))))
                .singleElement()
                .asString()
                .startsWith("event ");
        ArchClaim unnamed =
                new ArchClaim(false, null, false, null, TRANSLATION_S1, new TreeMap<>(), List.of(), new TreeSet<>());
        assertThat(claimed(unnamed, faulted()))
                .containsExactly("event: expected F_TRANSLATION sid=0x10 iova=0x1010 read class=IN s2=0, actual none"
                        + " (actually FAULT)");
    }

    @Test
    void shouldCompareTheMessageThatLeaves() {
        AccessExpectation remapped = new AccessExpectation(
                true,
                List.of(),
                List.of(0xfee0_1000L, 0x4031L),
                false,
                false,
                null,
                null,
                Map.of(),
                true,
                null,
                List.of());
        assertThat(dma(remapped, interrupt(0xfee0_1000L, 0x4031))).isEmpty();
        assertThat(dma(remapped, interrupt(0xfee0_1000L, 0x4030)))
                .containsExactly("message: expected [0xfee01000, 0x4031], actual [0xfee01000, 0x4030]");
        assertThat(dma(remapped, seen(DmaOutcome.OK, 0x10)))
                .containsExactly("message: expected [0xfee01000, 0x4031], actual []");
        assertThat(dma(ok(0x10), interrupt(0xfee0_1000L, 0x4031)))
                .contains("message: expected [], actual [0xfee01000, 0x4031]");
    }

    private static Observation interrupt(long address, long data) {
        return new Observation(
                List.of(DmaOutcome.INTERRUPT),
                List.of(-1L),
                List.of(address, data),
                List.of(),
                List.of(),
                0,
                QUIET,
                QUIET);
    }

    private static List<String> dma(AccessExpectation expect, Observation seen) {
        return lines(Judge.access(TARGET, 0, "dma", expect, seen, word -> 0));
    }

    private static List<String> claimed(ArchClaim claim, Observation seen) {
        return lines(Judge.claim(TARGET, 0, "dma", claim, seen, TARGET.bench(null, null), word -> 0));
    }

    private static List<String> lines(List<Mismatch> mismatches) {
        return mismatches.stream()
                .map(Mismatch::text)
                .map(line -> line.replaceFirst("^step 0 dma: ", ""))
                .toList();
    }

    private static ArchClaim claim(boolean ok, Long address, String name, Map<String, Long> fields) {
        return new ArchClaim(ok, address, true, name, null, new TreeMap<>(fields), List.of(), new TreeSet<>());
    }

    private static AccessExpectation ok(long address) {
        return new AccessExpectation(
                true, List.of(address), List.of(), false, false, null, null, Map.of(), true, null, List.of());
    }

    private static AccessExpectation nowhere(long address) {
        return new AccessExpectation(
                true, List.of(address), List.of(), false, true, null, null, Map.of(), true, null, List.of());
    }

    private static AccessExpectation fault(long[] record) {
        return new AccessExpectation(
                false, List.of(), List.of(), false, false, record, null, Map.of(), true, null, List.of());
    }

    private static Observation seen(DmaOutcome outcome, long address) {
        return new Observation(List.of(outcome), List.of(address), List.of(), List.of(), List.of(), 0, QUIET, QUIET);
    }

    private static Observation faulted(long[]... records) {
        return new Observation(
                List.of(DmaOutcome.FAULT), List.of(-1L), List.of(), List.of(), List.of(records), 0, QUIET, QUIET);
    }

    private static long[] changed(long[] record, int word, long bits) {
        long[] other = record.clone();
        other[word] ^= bits;
        return other;
    }
}
