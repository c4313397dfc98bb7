package org.iommusim.scenario.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.iommufd.actor.RunListener;
import org.iommusim.scenario.language.Scenario;
import org.iommusim.scenario.library.Library;
import org.iommusim.scenario.run.RunOptions;
import org.iommusim.scenario.run.RunResult;
import org.iommusim.scenario.run.Runner;
import org.iommusim.sim.trace.TraceSink;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The stations' ticks of every single request of every bundled scenario add up to its latency, to the picosecond. */
class StationSumTest {
    static Stream<String> names() {
        return Library.bundled().stream().map(Library.Entry::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldAddUpToTheLatencyOfEveryRequest(String name) {
        long[] requests = {0, 0};
        RunListener sums = new RunListener() {
            @Override
            public void dmaAnswered(String traffic, DmaRequest request) {
                requests[0]++;
                if (request.totalTicks() != request.latency()) {
                    requests[1]++;
                }
            }
        };
        Scenario scenario = TestScenarios.bundled(name);
        RunResult result = Runner.run(scenario, RunOptions.DEFAULT.listening(TraceSink.NONE, sums, events -> {}));
        assertThat(requests[0]).isEqualTo(result.total().answered());
        assertThat(requests[1]).as("requests whose stations do not add up").isZero();
    }
}
