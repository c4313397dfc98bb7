package org.iommusim.sim.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyHistogramTest {

    private static final long HOUR_PS = 3_600_000_000_000_000L;

    private final LatencyHistogram histogram = new LatencyHistogram("dma.latency", "of all requests");

    @Test
    void shouldBeZeroWhenEmpty() throws IOException {
        assertThat(histogram.count()).isZero();
        assertThat(histogram.mean()).isZero();
        assertThat(histogram.min()).isZero();
        assertThat(histogram.max()).isZero();
        assertThat(histogram.p999()).isZero();
        assertThat(hgrm(histogram)).contains("Total count    =            0]");
    }

    @Test
    void shouldBeExactInCountMeanMinimumAndMaximum() {
        record(123_456_789, 1, 1_000_003);
        assertThat(histogram.count()).isEqualTo(3);
        assertThat(histogram.mean()).isEqualTo((123_456_789L + 1 + 1_000_003) / 3);
        assertThat(histogram.min()).isEqualTo(1);
        assertThat(histogram.max()).isEqualTo(123_456_789);
        assertThat(histogram.percentile(100)).isEqualTo(123_456_789);
    }

    @Test
    void shouldKeepPercentilesToThreeDigits() {
        for (long ns = 1; ns <= 10_000; ns++) {
            histogram.record(ns * 1000);
        }
        assertThat(histogram.p50()).isBetween(5_000_000L, 5_005_000L);
        assertThat(histogram.p90()).isBetween(9_000_000L, 9_009_000L);
        assertThat(histogram.p99()).isBetween(9_900_000L, 9_909_900L);
        assertThat(histogram.p999()).isBetween(9_990_000L, 9_999_990L);
        assertThat(histogram.percentile(0)).isBetween(1000L, 1001L);
    }

    @Test
    void shouldSumMoreHoursThanALongHolds() {
        for (int i = 0; i < 10_000; i++) {
            histogram.record(HOUR_PS + i);
        }
        assertThat(histogram.mean()).isEqualTo(HOUR_PS + 4999);
    }

    @Test
    void shouldRefuseImpossibleLatencies() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> histogram.record(-1))
                .withMessage("dma.latency cannot record a latency of -1 ps");
        assertThatIllegalArgumentException().isThrownBy(() -> histogram.record(Long.MAX_VALUE));
        assertThatIllegalArgumentException().isThrownBy(() -> histogram.percentile(100.1));
        assertThatIllegalArgumentException().isThrownBy(() -> histogram.percentile(Double.NaN));
        assertThat(histogram.count()).isZero();
        histogram.record(Long.MAX_VALUE / 2);
        assertThat(histogram.p50()).isEqualTo(Long.MAX_VALUE / 2);
    }

    @Test
    void shouldAddAnotherAsIfRecordedHere() {
        LatencyHistogram other = new LatencyHistogram("other", "");
        LatencyHistogram both = new LatencyHistogram("dma.latency", "");
        for (int i = 0; i < 1000; i++) {
            histogram.record(i);
            other.record(HOUR_PS * i);
            both.record(i);
            both.record(HOUR_PS * i);
        }
        histogram.add(other);
        assertThat(histogram).hasToString(both.toString());
        assertThat(histogram.min()).isEqualTo(both.min());
        assertThat(other.count()).isEqualTo(1000);
    }

    /** Values that are only counted so far belong to the histogram as well as those that made room for others. */
    @Test
    void shouldSeeRecentAndOlderValuesAlike() {
        for (int i = 0; i < 10_000; i++) {
            histogram.record(i % 100 * 1000L);
            assertThat(histogram.count()).isEqualTo(i + 1);
        }
        assertThat(histogram.p50()).isBetween(49_000L, 49_050L);
        histogram.record(0);
        assertThat(histogram.percentile(100)).isEqualTo(99_000);
        assertThat(histogram.percentile(1)).isZero();
    }

    @Test
    void shouldTakeManyZerosAtOnce() {
        record(1000);
        histogram.recordZeros(3);
        histogram.recordZeros(0);
        assertThat(histogram.count()).isEqualTo(4);
        assertThat(histogram.min()).isZero();
        assertThat(histogram.mean()).isEqualTo(250);
        assertThat(histogram.p50()).isZero();
    }

    @Test
    void shouldForgetWhenReset() {
        record(5, 10);
        histogram.reset();
        assertThat(histogram.count()).isZero();
        assertThat(histogram.max()).isZero();
        record(7);
        assertThat(histogram.mean()).isEqualTo(7);
        assertThat(histogram.min()).isEqualTo(7);
    }

    @Test
    void shouldWriteTheRecordedFile() throws IOException {
        record(1000, 2000, 2000, 3500);
        assertThat(hgrm(histogram)).isEqualTo("""
                       Value     Percentile TotalCount 1/(1-Percentile)

                       1.000 0.000000000000          1           1.00
                       1.000 0.100000000000          1           1.11
                       1.000 0.200000000000          1           1.25
                       2.000 0.300000000000          3           1.43
                       2.000 0.400000000000          3           1.67
                       2.000 0.500000000000          3           2.00
                       2.000 0.550000000000          3           2.22
                       2.000 0.600000000000          3           2.50
                       2.000 0.650000000000          3           2.86
                       2.000 0.700000000000          3           3.33
                       2.000 0.750000000000          3           4.00
                       3.500 0.775000000000          4           4.44
                       3.500 1.000000000000          4
                #[Mean    =        2.125, StdDeviation   =        0.893]
                #[Max     =        3.500, Total count    =            4]
                #[Buckets =            2, SubBuckets     =         2048]
                """);
    }

    @Test
    void shouldWriteTheSameInAnyLocale() throws IOException {
        record(1_234_567, 1000);
        String expected = hgrm(histogram);
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            assertThat(hgrm(histogram)).isEqualTo(expected);
        } finally {
            Locale.setDefault(before);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldWriteTheRowsThatHdrHistogramWrites(long seed) throws IOException {
        Gen gen = new Gen(seed);
        Histogram reference = new Histogram(3);
        for (long ps : gen.list(1 + gen.below(20_000), g -> g.magnitude(35))) {
            histogram.record(ps);
            reference.recordValue(ps);
        }
        // The reference may end beyond the exact maximum, within its precision: the histogram never does.
        long beyond = reference.getMaxValue();
        String ends = String.format(Locale.ROOT, "%12.3f", beyond / 1000.0);
        String exact = String.format(Locale.ROOT, "%12.3f", histogram.max() / 1000.0);
        assertThat(rows(hgrm(histogram)))
                .isEqualTo(rows(hgrm(reference)).stream()
                        .map(row -> row.replace(ends, exact))
                        .toList());
    }

    private static List<String> rows(String hgrm) {
        return hgrm.lines().filter(line -> !line.matches("#\\[M.*")).toList();
    }

    private static String hgrm(LatencyHistogram histogram) throws IOException {
        StringBuilder out = new StringBuilder();
        histogram.writeHgrm(out);
        return out.toString();
    }

    private static String hgrm(Histogram histogram) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        histogram.outputPercentileDistribution(new PrintStream(out, false, StandardCharsets.UTF_8), 5, 1000.0);
        return out.toString(StandardCharsets.UTF_8);
    }

    private void record(long... latencies) {
        for (long ps : latencies) {
            histogram.record(ps);
        }
    }
}
