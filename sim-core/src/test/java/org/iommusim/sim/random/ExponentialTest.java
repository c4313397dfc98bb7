package org.iommusim.sim.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ExponentialTest {

    private static final int SAMPLES = 200_000;
    private static final long MEAN = 1_000_000;

    private final RandomStream stream = new RandomStreams(1).split("exponential");

    @Test
    void shouldHaveTheMeanAndTheDeviationOfTheDistribution() {
        double sum = 0;
        double squares = 0;
        for (long x : samples(MEAN)) {
            sum += x;
            squares += (double) x * x;
        }
        double mean = sum / SAMPLES;
        assertThat(mean / MEAN).isCloseTo(1, within(0.01));
        assertThat(Math.sqrt(squares / SAMPLES - mean * mean) / MEAN).isCloseTo(1, within(0.015));
    }

    /** Kolmogorov and Smirnov: the largest distance between the sampled and the true distribution. */
    @Test
    void shouldFollowTheDistributionEverywhere() {
        long[] sorted = samples(MEAN);
        Arrays.sort(sorted);
        double largest = 0;
        for (int i = 0; i < SAMPLES; i++) {
            double expected = 1 - Math.exp(-(double) sorted[i] / MEAN);
            largest = Math.max(largest, Math.abs(expected - (i + 0.5) / SAMPLES));
        }
        assertThat(largest).as("99.9 % of all seeds").isLessThan(1.95 / Math.sqrt(SAMPLES));
    }

    @Test
    void shouldServeTheExtremesOfTheMean() {
        assertThat(stream.exponentialPs(0)).isZero();
        for (int i = 0; i < 10_000; i++) {
            assertThat(stream.exponentialPs(1)).isBetween(0L, 45L);
            assertThat(stream.exponentialPs(1L << 54)).isBetween(0L, 46L << 54);
        }
    }

    @Test
    void shouldScaleWithTheMean() {
        RandomStream other = new RandomStreams(1).split("exponential");
        for (int i = 0; i < 1000; i++) {
            long expected = other.exponentialPs(MEAN);
            assertThat((double) stream.exponentialPs(1000 * MEAN) / 1000).isCloseTo(expected, within(0.51));
        }
    }

    private long[] samples(long mean) {
        long[] samples = new long[SAMPLES];
        Arrays.setAll(samples, i -> stream.exponentialPs(mean));
        return samples;
    }
}
