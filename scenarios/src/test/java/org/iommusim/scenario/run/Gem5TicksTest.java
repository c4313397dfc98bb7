package org.iommusim.scenario.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.scenario.cli.TestScenarios;
import org.iommusim.scenario.language.Scenario;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request of the replayed workloads takes exactly the ticks that it took on gem5. */
class Gem5TicksTest {
    private static final int ROWS = 10_000;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "w1a-o1",
                "w1c-o1",
                "w2a-o1",
                "w2b-o1",
                "w2b-o32i",
                "w2b-o32x",
                "w3b-o1",
                "w3b-o32i",
                "w3b-o32x",
                "w5b-o1"
            })
    void shouldTakeTheTicksOfGem5(String workload) throws IOException {
        Scenario scenario = TestScenarios.bundled("gem5-" + workload);
        ByteBuffer gem5 = gem5(workload);
        long[] issues = issues(gem5);
        int[] differences = new int[1];
        RunListener compare = new RunListener() {
            @Override
            public void dmaAnswered(String traffic, DmaRequest request) {
                int row = (int) request.id();
                if (row < ROWS && !agrees(gem5, row, issues[row], request)) {
                    differences[0]++;
                }
            }
        };
        RunOptions options = RunOptions.DEFAULT;
        RunResult result = Runner.run(scenario, options.listening(options.trace(), compare, options.progress()));
        assertThat(result.total().answered()).isEqualTo(2 * ROWS);
        assertThat(differences[0])
                .as("requests of " + workload + " that differ")
                .isZero();
    }

    private static boolean agrees(ByteBuffer gem5, int row, long issue, DmaRequest request) {
        return request.issuedAt() - request.attemptedAt() == gem5.getInt(4 * (ROWS + row))
                && request.translatedAt() - request.issuedAt() == gem5.getInt(4 * (2 * ROWS + row))
                && request.answeredAt() - request.translatedAt() == gem5.getInt(4 * (3 * ROWS + row))
                && request.physicalAddress() >>> 6 == gem5.getInt(4 * (4 * ROWS + row))
                && request.issuedAt() == issue;
    }

    /** When each row was issued: the sum of all distances until then. */
    private static long[] issues(ByteBuffer gem5) {
        long[] issues = new long[ROWS];
        long time = 0;
        for (int row = 0; row < ROWS; row++) {
            time += gem5.getInt(4 * row) + gem5.getInt(4 * (ROWS + row));
            issues[row] = time;
        }
        return issues;
    }

    private static ByteBuffer gem5(String workload) throws IOException {
        try (InputStream in =
                Objects.requireNonNull(Gem5TicksTest.class.getResourceAsStream("/gem5/" + workload + ".ticks.gz"))) {
            return ByteBuffer.wrap(new GZIPInputStream(in).readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
