package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TraceEstimateTest {
    private static double estimate(int users) {
        TraceEstimate estimate = new TraceEstimate(new Cursor(new ToyProtocol(users, 0)), 1000, 0);
        estimate.walk(1 << 20);
        return TraceEstimate.mean(List.of(estimate));
    }

    @Test
    void shouldComeCloseWithManyWalks() {
        assertThat(estimate(2)).isBetween(74 * 0.8, 74 * 1.25);
        assertThat(estimate(3)).isBetween(9_642 * 0.7, 9_642 * 1.4);
    }

    @Test
    void shouldTellTheShareThatIsDone() {
        double[] last = {0};
        Exploration result = new SourceDpor()
                .explore(() -> new ToyProtocol(3, 0), Bounds.unlimited(), (level, schedules, states, fraction) -> {
                    assertThat(fraction).isBetween(0.0, 1.0);
                    last[0] = fraction;
                });
        assertThat(last[0]).isGreaterThan(0.5);
        assertThat(result.estimatedSchedules()).isEqualTo(9_642);
    }

    @Test
    void shouldGuessTheRestOfAReducedSearch() {
        Exploration result = new SourceDpor()
                .explore(() -> new ToyProtocol(3, 0), Bounds.unlimited().withMaxSchedules(3_500), ExploreProgress.NONE);
        assertThat(result.estimatedSchedules()).isBetween(9_642 * 0.7, 9_642 * 2.0);
    }
}
