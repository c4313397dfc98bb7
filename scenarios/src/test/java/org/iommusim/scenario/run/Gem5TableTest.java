package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.ToLongFunction;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.run.Gem5Replay.Row;
import org.iommusim.scenario.run.Gem5Replay.Setting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * All columns of the table that was measured on gem5: means, percentiles and rates of requests 10,000 to 19,999, the longest
 * translation and the time for each request of all. Times in ns, to the last digit that was written down; "-" where nothing
 * is walked.
 */
class Gem5TableTest {
    private static final int REQUESTS = 20_000;
    private static final int WARM = 10_000;
    private static final long START_PS = 100_000;
    private static final String STAGE1 = "smmu0.walker.stage1_reads";
    private static final String STAGE2 = "smmu0.walker.stage2_reads";
    private static final String CONFIG = "smmu0.config.hits";

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "w1a-o1, 2.0, 2, 2, 227, 34.0, 0.000, -, -, 0.000, 1.000, 35.06",
        "w1a-o32i, 2.0, 2, 2, 241, 34.0, 0.000, -, -, 0.000, 1.000, 1.16",
        "w1a-o32x, 2.0, 2, 2, 252, 34.0, 0.000, -, -, 0.000, 1.000, 1.15",
        "w1c-o1, 5.0, 5, 5, 227, 37.0, 0.000, -, -, 1.000, 0.000, 40.88",
        "w1c-o32i, 6.0, 6, 6, 255, 38.0, 0.000, -, -, 1.000, 0.000, 1.37",
        "w1c-o32x, 6.0, 6, 6, 255, 38.0, 0.000, -, -, 1.000, 0.000, 1.37",
        "w2a-o1, 46.7, 61, 61, 227, 78.7, 0.745, 1.00, 1.000, 0.252, 0.004, 80.84",
        "w2a-o32i, 61.0, 62, 64, 255, 95.9, 0.751, 1.00, 1.000, 0.245, 0.004, 3.95",
        "w2a-o32x, 48.0, 62, 65, 255, 82.1, 0.747, 1.00, 1.000, 0.250, 0.004, 3.19",
        "w2b-o1, 60.1, 61, 61, 227, 92.1, 0.985, 1.00, 1.000, 0.015, 0.000, 93.67",
        "w2b-o32i, 61.8, 62, 63, 255, 96.8, 0.984, 1.00, 1.000, 0.017, 0.000, 4.05",
        "w2b-o32x, 61.0, 62, 64, 256, 95.9, 0.984, 1.00, 1.000, 0.016, 0.000, 3.96",
        "w3b-o1, 119.4, 134, 134, 1013, 151.4, 0.985, 2.64, 1.000, 0.015, 0.000, 154.76",
        "w3b-o32i, 132.7, 135, 141, 1048, 172.1, 0.983, 2.64, 1.000, 0.017, 0.000, 8.81",
        "w3b-o32x, 121.1, 135, 139, 1048, 159.8, 0.984, 2.64, 1.000, 0.016, 0.000, 7.86",
        "w5b-o1, 118.9, 123, 123, 227, 150.9, 1.000, 1.00, 0.066, 0.000, 0.000, 152.52",
        "w5b-o32i, 124.1, 124, 128, 254, 162.9, 1.000, 1.00, 0.068, 0.000, 0.000, 7.93",
        "w5b-o32x, 120.2, 124, 127, 254, 158.9, 1.000, 1.00, 0.066, 0.000, 0.000, 7.66",
    })
    void shouldHaveTheColumnsOfGem5(
            String workload,
            double mean,
            double p50,
            double p99,
            double max,
            double wholeMean,
            double walksEach,
            String readsEach,
            String configHitsEach,
            double mainEach,
            double microEach,
            double spacing) {
        Gem5Replay run = Gem5Replay.of(TestScenarios.bundled("gem5-" + workload), WARM, STAGE1, STAGE2, CONFIG);
        Collection<Row> all = run.rows.get(0).values();
        List<Row> warm = new ArrayList<>(all).subList(WARM, REQUESTS);

        assertThat(mean(warm, Row::translation)).as("mean translation").isEqualTo(mean, within(0.0501));
        assertThat(percentile(warm, 50)).as("p50").isEqualTo(p50);
        assertThat(percentile(warm, 99)).as("p99").isEqualTo(p99);
        assertThat(percentile(new ArrayList<>(all), 100)).as("max").isEqualTo(max);
        assertThat(mean(warm, r -> r.answered() - r.attempt())).as("end to end").isEqualTo(wholeMean, within(0.0501));
        double walks = found(warm, "walk");
        assertThat(walks / WARM).as("walks/request").isEqualTo(walksEach, within(0.000501));
        assertThat(found(warm, "main") / WARM).as("main TLB hits").isEqualTo(mainEach, within(0.000501));
        assertThat(found(warm, "micro") / WARM).as("micro TLB hits").isEqualTo(microEach, within(0.000501));
        assertThat(spacing(all)).as("simulated ns/request").isEqualTo(spacing, within(0.00501));
        if (!readsEach.equals("-")) {
            // Counters cannot tell requests apart: theirs begin when 10,000 are answered, with others under way.
            double reads = (run.counted(STAGE1) + run.counted(STAGE2)) / walks;
            assertRate(reads, readsEach, "table reads/walk");
            assertRate(run.counted(CONFIG) / walks, configHitsEach, "configuration hits/walk");
        }
    }

    /** Within 1 % of what was written down, its rounding included. */
    private static void assertRate(double rate, String measured, String what) {
        double value = Double.parseDouble(measured);
        double rounding = measured.length() == "1.00".length() ? 0.005 : 0.0005;
        assertThat(rate).as(what).isEqualTo(value, within(0.01 * value + rounding));
    }

    @Test
    void shouldServeTwoFrontEndsAsFastAsGem5() {
        // The image and the first stream of W2b; the second one has another seed.
        Gem5Image image = Gem5Image.pages(131_072);
        Gem5Replay run = Gem5Replay.of(Gem5Replay.scenario(
                image,
                Setting.of(32, 16, "{'tbus': 2}"),
                new Gem5Requests(image, REQUESTS, 1002).records(),
                new Gem5Requests(image, REQUESTS, 1003).records()));
        List<Row> all = new ArrayList<>();
        run.rows.forEach(rows -> all.addAll(rows.values()));

        assertThat(all).hasSize(2 * REQUESTS);
        assertThat(spacing(all)).as("simulated ns/request").isEqualTo(2.35, within(0.005));
    }

    private static double mean(Collection<Row> rows, ToLongFunction<Row> time) {
        return rows.stream().mapToLong(time).average().orElseThrow() / 1000;
    }

    private static double percentile(List<Row> rows, int percent) {
        long[] sorted = rows.stream().mapToLong(Row::translation).sorted().toArray();
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)] / 1000.0;
    }

    private static double found(Collection<Row> rows, String where) {
        return rows.stream().filter(row -> row.found().equals(where)).count();
    }

    /** From the first request to the last answer, for each request. */
    private static double spacing(Collection<Row> rows) {
        long end = rows.stream().mapToLong(Row::answered).max().orElseThrow();
        return (end - START_PS) / 1000.0 / rows.size();
    }
}
