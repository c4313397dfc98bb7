package org.iommusim.scenario.run;

import java.util.Arrays;
import java.util.List;

/** Counts requests by the time of their answer, in a fixed number of buckets that get wider as time goes on. */
public final class Activity {
    private static final int BUCKETS = 256;
    private static final long FIRST_WIDTH_PS = 1_000;

    /** A bucket is this power of two times as wide as at first. */
    private int doublings;

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
        long first = (timePs - fromPs) / FIRST_WIDTH_PS;
        while (first >>> doublings >= BUCKETS) {
            for (int i = 0; i < BUCKETS / 2; i++) {
                counts[i] = counts[2 * i] + counts[2 * i + 1];
            }
            Arrays.fill(counts, BUCKETS / 2, BUCKETS, 0);
            doublings++;
        }
        counts[(int) (first >>> doublings)]++;
    }

    Buckets buckets() {
        int last = BUCKETS;
        while (last > 0 && counts[last - 1] == 0) {
            last--;
        }
        return new Buckets(
                Math.max(0, fromPs),
                FIRST_WIDTH_PS << doublings,
                Arrays.stream(counts, 0, last).boxed().toList());
    }
}
