package org.iommusim.sim.stats;

import java.io.IOException;
import java.math.BigInteger;
import org.HdrHistogram.Histogram;

/**
 * A distribution of latencies in ps.
 *
 * <p>Count, mean, minimum and maximum are exact. Percentiles come from an HdrHistogram that keeps three significant
 * decimal digits at any magnitude; a percentile is rounded up within that precision and never beyond the maximum.
 * Latencies may be of any length from 0 to {@link Long#MAX_VALUE} / 2 (53 days); the histogram grows when a longer one
 * than ever comes, and allocates nothing otherwise. Not thread-safe.
 */
public final class LatencyHistogram implements Statistic {

    private static final int SIGNIFICANT_DIGITS = 3;
    private static final long LONGEST_PS = Long.MAX_VALUE / 2;

    private final String name;
    private final String description;
    private final Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);

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
        histogram.recordValue(ps);
        minimum = Math.min(minimum, ps);
        maximum = Math.max(maximum, ps);
        addToSum(ps, 0);
    }

    /**
     * Adds all latencies of another histogram, as if each had been recorded here.
     *
     * @param other a histogram, which stays as it is
     */
    public void add(LatencyHistogram other) {
        long otherLow = other.sumLow;
        long otherHigh = other.sumHigh;
        histogram.add(other.histogram);
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
        return histogram.getTotalCount();
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
        return Math.min(maximum, histogram.getValueAtPercentile(percent));
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
        new PercentileOutput(histogram, mean(), maximum).write(out);
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
