package org.iommusim.scenario.timing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SortedMap;
import org.assertj.core.api.SoftAssertions;
import org.assertj.core.data.Percentage;
import org.iommusim.scenario.Golden;
import org.iommusim.scenario.run.RunResult.RequestClass;
import org.iommusim.scenario.run.RunResult.TrafficResult;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Simulated machines beside the real ones: random 64-byte reads in a window that the host has just written. The runs are
 * shared by the tests; docs/timing.md shows them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PcieBenchTest {
    private static final int LARGEST_KIB = 65_536;
    private static final int CACHED_KIB = 4096;
    private static final int SMALLEST_KIB = 256;

    private final Measurements measured = Measurements.read();
    private final BenchRuns runs = new BenchRuns();

    @BeforeAll
    void run() {
        for (BenchSeries series : BenchSeries.ALL) {
            runs.prepare(
                    series,
                    measured.rows(series.directory(), "lat64_ns_avg_HWarm").keySet(),
                    1);
        }
        SortedMap<Integer, Double> curve = measured.rows(BenchSeries.CALIBRATED.directory(), "read64_Mtps_HWarm");
        BenchSeries.ALL.stream()
                .filter(series -> !series.superPages() || series.equals(BenchSeries.PREDICTED))
                .forEach(series ->
                        runs.prepare(series, curve.tailMap(SMALLEST_KIB).keySet(), BenchRuns.OUTSTANDING));
    }

    static List<BenchSeries> all() {
        return BenchSeries.ALL;
    }

    static List<BenchSeries> superPages() {
        return BenchSeries.ALL.stream().filter(BenchSeries::superPages).toList();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void shouldHaveTheMeanLatencyOfTheMachine(BenchSeries series) {
        SoftAssertions softly = new SoftAssertions();
        measured.rows(series.directory(), "lat64_ns_avg_HWarm")
                .forEach((window, mean) -> softly.assertThat(
                                runs.latency(series, window).latency().mean() / 1000.0)
                        .as("mean, ns, at %d KiB", window)
                        .isCloseTo(mean, Percentage.withPercentage(window <= CACHED_KIB ? 2 : 3)));
        softly.assertAll();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("all")
    void shouldHaveTheMediansOfTheMachine(BenchSeries series) {
        SortedMap<Integer, Double> medians = measured.rows(series.directory(), "lat64_ns_med_HWarm");
        SoftAssertions softly = new SoftAssertions();
        medians.forEach((window, median) -> {
            if (window <= CACHED_KIB || window == LARGEST_KIB) {
                softly.assertThat(runs.latency(series, window).latency().p50() / 1000.0)
                        .as("median, ns, at %d KiB", window)
                        .isCloseTo(median, Percentage.withPercentage(3));
            }
        });
        // What hits is what all are in a small window, what misses what most are in a large one.
        TrafficResult large = runs.latency(series, CACHED_KIB);
        softly.assertThat(p50(large, "hit"))
                .as("median of hits")
                .isCloseTo(medians.get(SMALLEST_KIB), Percentage.withPercentage(3));
        if (!series.superPages()) {
            softly.assertThat(p50(large, "miss"))
                    .as("median of misses")
                    .isCloseTo(medians.get(CACHED_KIB), Percentage.withPercentage(3));
        }
        softly.assertAll();
    }

    private static double p50(TrafficResult result, String name) {
        for (RequestClass each : result.classes()) {
            if (each.name().equals(name)) {
                return each.latency().p50() / 1000.0;
            }
        }
        throw new AssertionError(name);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("superPages")
    void shouldBeFlatWithSuperPages(BenchSeries series) {
        double small = runs.latency(series, 256).latency().mean();
        for (int window : measured.rows(series.directory(), "lat64_ns_avg_HWarm")
                .headMap(CACHED_KIB + 1)
                .keySet()) {
            assertThat((double) runs.latency(series, window).latency().mean())
                    .as("%d KiB", window)
                    .isCloseTo(small, Percentage.withPercentage(1));
        }
    }

    /** The one curve that walk slots, order and the device's requests in flight are set from. */
    @Test
    void shouldHaveTheThroughputOfTheMachineThatItIsSetFrom() {
        SoftAssertions softly = new SoftAssertions();
        measured.rows(BenchSeries.CALIBRATED.directory(), "read64_Mtps_HWarm")
                .tailMap(SMALLEST_KIB)
                .forEach((window, rate) -> softly.assertThat(runs.throughput(BenchSeries.CALIBRATED, window))
                        .as("million reads a second at %d KiB", window)
                        .isCloseTo(rate, Percentage.withPercentage(5)));
        softly.assertAll();
    }

    /** Nothing was set from these: the same machine with super pages, and with 4 KiB pages and cold caches. */
    @Test
    void shouldPredictTheThroughputOfItsOtherRuns() {
        SoftAssertions softly = new SoftAssertions();
        measured.rows(BenchSeries.PREDICTED.directory(), "read64_Mtps_HWarm")
                .tailMap(SMALLEST_KIB)
                .forEach((window, rate) -> softly.assertThat(runs.throughput(BenchSeries.PREDICTED, window))
                        .as("million reads a second with super pages at %d KiB", window)
                        .isCloseTo(rate, Percentage.withPercentage(10)));
        SortedMap<Integer, Double> cold = measured.rows(BenchSeries.CALIBRATED.directory(), "read64_Mtps_Cold");
        for (int window : new int[] {256, 512, 1024, 4096}) {
            softly.assertThat(runs.coldThroughput(BenchSeries.CALIBRATED, window))
                    .as("million reads a second, cold, at %d KiB", window)
                    .isCloseTo(cold.get(window), Percentage.withPercentage(10));
        }
        softly.assertAll();
    }

    /** Each of the rules that were set from the curve is needed for it. */
    @Test
    void shouldMissTheCurveWithoutOrderAndWithoutBlocking() {
        SortedMap<Integer, Double> curve = measured.rows(BenchSeries.CALIBRATED.directory(), "read64_Mtps_HWarm");
        assertThat(runs.throughputWithout("in_order", BenchSeries.CALIBRATED, 512))
                .isGreaterThan(1.2 * curve.get(512));
        assertThat(runs.throughputWithout("blocking_misses", BenchSeries.CALIBRATED, 1024))
                .isGreaterThan(1.1 * curve.get(1024));
    }

    @Test
    void shouldBeWhatTheManualShows() {
        Golden.checkFile(BenchPage.FILE, new BenchPage(measured, runs).text());
    }
}
