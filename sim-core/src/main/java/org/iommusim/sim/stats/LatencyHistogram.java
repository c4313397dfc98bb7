package org.iommusim.sim.stats;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/**
 * A distribution of latencies in ps.
 *
 * <p>Count, mean, minimum and maximum are exact. Percentiles come from an HdrHistogram that keeps three significant
 * decimal digits at any magnitude; a percentile is rounded up within that precision and never beyond the maximum.
 * Latencies may be of any length from 0 to {@link Long#MAX_VALUE} / 2 (53 days); the histogram grows when a longer one
 * than ever comes, and allocates nothing otherwise. Not thread-safe.
 *
 * <p>Latencies of hardware repeat. A recent value is only counted, in a small table; the histogram gets its count when
 * another value takes its place, or when somebody reads.
 */
public final class LatencyHistogram implements Statistic {

    private static final int SIGNIFICANT_DIGITS = 3;
    private static final long LONGEST_PS = Long.MAX_VALUE / 2;
    private static final int RECENT_BITS = 6;
    /** 2^64 divided by the golden ratio: spreads values over the table. */
    private static final long HASH = 0x9e3779b97f4a7c15L;

    private final String name;
    private final String description;
    private final Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);
    /** Values by their hash, and how often each came since the histogram was told. */
    private final long[] recentValues = new long[1 << RECENT_BITS];

    private final long[] recentCounts = new long[1 << RECENT_BITS];

    private long count;
    private long minimum = Long.MAX_VALUE;
    private long maximum;
    /** The sum of all latencies has 128 bits: a few thousand hours in ps do not fit into 63. */
    private long sumLow;

    private long sumHigh;

    /**
     * Makes an empty histogram; one that reports shall show comes from {@link Statistics#latency}.
     *
     * @param name its path
     * @param description one line for people
     */
    public LatencyHistogram(String name, String description) {
        this.name = name;
        this.description = description;
    }

    /**
     * Adds one latency.
     *
     * @param ps how long it took in ps
     * @throws IllegalArgumentException if that is negative or longer than 53 days
     */
    public void record(long ps) {
        if (ps < 0 || ps > LONGEST_PS) {
            throw new IllegalArgumentException(name + " cannot record a latency of " + ps + " ps");
        }
        int at = (int) (ps * HASH >>> Long.SIZE - RECENT_BITS);
        if (recentValues[at] != ps) {
            settle(at);
            recentValues[at] = ps;
        }
        recentCounts[at]++;
        count++;
        minimum = Math.min(minimum, ps);
        maximum = Math.max(maximum, ps);
        addToSum(ps, 0);
    }

    private void settle(int at) {
        if (recentCounts[at] != 0) {
            histogram.recordValueWithCount(recentValues[at], recentCounts[at]);
            recentCounts[at] = 0;
        }
    }

    /** The histogram with everything in it that was recorded. */
    private Histogram settled() {
        for (int at = 0; at < recentCounts.length; at++) {
            settle(at);
        }
        return histogram;
    }

    /**
     * Adds latencies of 0.
     *
     * @param times how many, at least 0
     */
    public void recordZeros(long times) {
        if (times > 0) {
            histogram.recordValueWithCount(0, times);
            count += times;
            minimum = 0;
        }
    }

    /**
     * Adds all latencies of another histogram, as if each had been recorded here.
     *
     * @param other a histogram, which stays as it is
     */
    public void add(LatencyHistogram other) {
        long otherLow = other.sumLow;
        long otherHigh = other.sumHigh;
        histogram.add(other.settled());
        count += other.count;
        minimum = Math.min(minimum, other.minimum);
        maximum = Math.max(maximum, other.maximum);
        addToSum(otherLow, otherHigh);
    }

    /**
     * How many latencies were recorded.
     *
     * @return the count
     */
    public long count() {
        return count;
    }

    /**
     * The exact sum divided by the count, rounded down.
     *
     * @return the mean in ps, 0 if nothing was recorded
     */
    public long mean() {
        return count() == 0 ? 0 : sum().divide(BigInteger.valueOf(count())).longValueExact();
    }

    /**
     * The shortest latency.
     *
     * @return ps, 0 if nothing was recorded
     */
    public long min() {
        return count() == 0 ? 0 : minimum;
    }

    /**
     * The longest latency.
     *
     * @return ps, 0 if nothing was recorded
     */
    public long max() {
        return maximum;
    }

    /**
     * The latency that a given part of the requests did not exceed.
     *
     * @param percent 0 to 100
     * @return ps to three significant digits, 0 if nothing was recorded
     * @throws IllegalArgumentException if the percentage is out of range
     */
    public long percentile(double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("percentile " + percent + " is not in 0 .. 100");
        }
        return Math.min(maximum, settled().getValueAtPercentile(percent));
    }

    /**
     * The median.
     *
     * @return as {@link #percentile} of 50
     */
    public long p50() {
        return percentile(50);
    }

    /**
     * What 9 of 10 requests did not exceed.
     *
     * @return as {@link #percentile} of 90
     */
    public long p90() {
        return percentile(90);
    }

    /**
     * What 99 of 100 requests did not exceed.
     *
     * @return as {@link #percentile} of 99
     */
    public long p99() {
        return percentile(99);
    }

    /**
     * What 999 of 1000 requests did not exceed.
     *
     * @return as {@link #percentile} of 99.9
     */
    public long p999() {
        return percentile(99.9);
    }

    /**
     * Writes the distribution in HdrHistogram's percentile format (the content of a {@code .hgrm} file), in ns.
     *
     * @param out receives text with {@code \n} line ends, the same bytes on any machine
     * @throws IOException if {@code out} fails
     */
    public void writeHgrm(Appendable out) throws IOException {
        new PercentileOutput(settled(), mean(), maximum).write(out);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String unit() {
        return "ps";
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public void reset() {
        histogram.reset();
        Arrays.fill(recentCounts, 0);
        count = 0;
        minimum = Long.MAX_VALUE;
        maximum = 0;
        sumLow = 0;
        sumHigh = 0;
    }

    @Override
    public String toString() {
        return name + ": " + count() + " latencies, mean " + mean() + " ps, p50 " + p50() + " ps, p99 " + p99()
                + " ps, max " + max() + " ps";
    }

    private void addToSum(long low, long high) {
        sumLow += low;
        sumHigh += high + (Long.compareUnsigned(sumLow, low) < 0 ? 1 : 0);
    }

    private BigInteger sum() {
        BigInteger low = new BigInteger(Long.toUnsignedString(sumLow));
        return BigInteger.valueOf(sumHigh).shiftLeft(Long.SIZE).add(low);
    }
}
