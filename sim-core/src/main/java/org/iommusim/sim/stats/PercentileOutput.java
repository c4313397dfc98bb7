package org.iommusim.sim.stats;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * Writes a histogram of ps in HdrHistogram's percentile format, in ns.
 *
 * <p>HdrHistogram can write that itself, but it steps through the percentiles with {@code Math.log} and {@code Math.pow}
 * and prints doubles, whose last digits may differ between machines and JDKs. This does the same in whole numbers, so the
 * file is the same everywhere. The reported percentiles are the same: five per halving of the distance to 100 %.
 */
final class PercentileOutput {

    private static final int STEPS_PER_HALF = 5;
    /** What an HdrHistogram of three significant digits has. */
    private static final int SUB_BUCKETS = 2048;
    /** A percentile is {@code 1 - left / (LEFT_AT_HALF * 2^halves)} where left counts down from this to 6. */
    private static final int LEFT_AT_HALF = 2 * STEPS_PER_HALF;

    private final Histogram histogram;
    private final long mean;
    private final long maximum;
    private final long total;

    private int halves;
    private int left = LEFT_AT_HALF;

    /**
     * @param mean the exact mean in ps
     * @param maximum the exact maximum in ps; no value is printed beyond it
     */
    PercentileOutput(Histogram histogram, long mean, long maximum) {
        this.histogram = histogram;
        this.mean = mean;
        this.maximum = maximum;
        total = histogram.getTotalCount();
    }

    void write(Appendable out) throws IOException {
        row(out, "Value", "Percentile", "TotalCount", " " + pad("1/(1-Percentile)", 14));
        out.append('\n');
        for (HistogramIterationValue value : histogram.recordedValues()) {
            writeRowsOf(value, out);
        }
        if (total > 0) {
            row(out, ns(maximum), "1.000000000000", Long.toString(total), "");
        }
        footer(out);
    }

    /** A value has one row for each percentile that it is the first to reach. */
    private void writeRowsOf(HistogramIterationValue value, Appendable out) throws IOException {
        long reached = value.getTotalCountToThisValue();
        boolean first = true;
        // The last value reaches all that are left, which would never end: it gets one row, and then the one of 100 %.
        while (reached >= countAtPercentile() && (first || reached < total)) {
            String ns = ns(Math.min(maximum, value.getValueIteratedTo()));
            row(out, ns, percentile(), Long.toString(reached), " " + pad(oneInHowMany(), 14));
            step();
            first = false;
        }
    }

    private void step() {
        left--;
        if (left == STEPS_PER_HALF) {
            left = LEFT_AT_HALF;
            halves++;
        }
    }

    /** The smallest count whose part of the total is at least the percentile. */
    private long countAtPercentile() {
        return total - ((left * total / LEFT_AT_HALF) >> Math.min(halves, Long.SIZE - 1));
    }

    private String percentile() {
        BigDecimal distance = BigDecimal.valueOf(left).divide(distanceUnit(), 20, RoundingMode.HALF_EVEN);
        return BigDecimal.ONE
                .subtract(distance)
                .setScale(12, RoundingMode.HALF_UP)
                .toPlainString();
    }

    private String oneInHowMany() {
        return distanceUnit()
                .divide(BigDecimal.valueOf(left), 2, RoundingMode.HALF_UP)
                .toPlainString();
    }

    private BigDecimal distanceUnit() {
        return new BigDecimal(BigInteger.valueOf(LEFT_AT_HALF).shiftLeft(halves));
    }

    private void footer(Appendable out) throws IOException {
        out.append("#[Mean    = ").append(pad(ns(mean), 12));
        out.append(", StdDeviation   = ").append(pad(ns(deviation()), 12)).append("]\n");
        out.append("#[Max     = ").append(pad(ns(maximum), 12));
        out.append(", Total count    = ").append(pad(Long.toString(total), 12)).append("]\n");
        out.append("#[Buckets = ").append(pad(Integer.toString(buckets()), 12));
        out.append(", SubBuckets     = ")
                .append(pad(Integer.toString(SUB_BUCKETS), 12))
                .append("]\n");
    }

    /** The standard deviation in ps, to the precision of the buckets: sqrt(n * sum of squares - square of sum) / n. */
    private long deviation() {
        if (total == 0) {
            return 0;
        }
        BigInteger sum = BigInteger.ZERO;
        BigInteger squares = BigInteger.ZERO;
        for (HistogramIterationValue value : histogram.recordedValues()) {
            BigInteger middle = BigInteger.valueOf(histogram.medianEquivalentValue(value.getValueIteratedTo()));
            BigInteger weighted = middle.multiply(BigInteger.valueOf(value.getCountAtValueIteratedTo()));
            sum = sum.add(weighted);
            squares = squares.add(weighted.multiply(middle));
        }
        BigInteger count = BigInteger.valueOf(total);
        BigInteger spread = count.multiply(squares).subtract(sum.multiply(sum)).sqrt();
        return spread.divide(count).longValueExact();
    }

    /** How many buckets reach the maximum; the histogram's own number would also tell what came before a reset. */
    private int buckets() {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(maximum / SUB_BUCKETS);
        return 1 + bits;
    }

    private static void row(Appendable out, String value, String percentile, String count, String oneIn)
            throws IOException {
        out.append(pad(value, 12)).append(' ').append(pad(percentile, 14)).append(' ');
        out.append(pad(count, 10)).append(oneIn).append('\n');
    }

    private static String ns(long ps) {
        return BigDecimal.valueOf(ps, 3).toPlainString();
    }

    private static String pad(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
