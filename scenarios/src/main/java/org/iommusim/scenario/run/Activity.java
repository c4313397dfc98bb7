package org.iommusim.scenario.run;

import java.util.Arrays;
import java.util.List;

/** Counts requests by the time of their answer, in a fixed number of buckets that get wider as time goes on. */
public final class Activity {
    private static final int BUCKETS = 256;
    private static final long FIRST_WIDTH_PS = 1_000;

    private long widthPs = FIRST_WIDTH_PS;
    private long fromPs = -1;
    private final long[] counts = new long[BUCKETS];

    /**
     * What was counted.
     *
     * @param fromPs begin of the first bucket
     * @param widthPs width of each
     * @param counts from the first bucket to the last that is not empty
     */
    public record Buckets(long fromPs, long widthPs, List<Long> counts) {}

    void add(long timePs) {
        if (fromPs < 0) {
            fromPs = timePs;
        }
        while ((timePs - fromPs) / widthPs >= BUCKETS) {
            for (int i = 0; i < BUCKETS / 2; i++) {
                counts[i] = counts[2 * i] + counts[2 * i + 1];
            }
            Arrays.fill(counts, BUCKETS / 2, BUCKETS, 0);
            widthPs *= 2;
        }
        counts[(int) ((timePs - fromPs) / widthPs)]++;
    }

    Buckets buckets() {
        int last = BUCKETS;
        while (last > 0 && counts[last - 1] == 0) {
            last--;
        }
        return new Buckets(
                Math.max(0, fromPs),
                widthPs,
                Arrays.stream(counts, 0, last).boxed().toList());
    }
}
