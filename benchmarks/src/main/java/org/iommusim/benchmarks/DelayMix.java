package org.iommusim.benchmarks;

import org.iommusim.sim.random.RandomStream;

/**
 * How far ahead events are scheduled. A mix is a table of 1024 equally likely ranges of delays, so that drawing one costs
 * a few instructions and does not hide the queue that is measured.
 */
final class DelayMix {

    private static final int INDEX_BITS = 10;
    private static final int RANGES = 1 << INDEX_BITS;
    private static final double EXPONENTIAL_MEAN = 1e6;
    private static final int[] CLOCK_PERIODS_PS = {500, 625, 1000, 1250};

    private final long[] low = new long[RANGES];
    /** Twice the width of each range, because the fraction that it is multiplied with has one bit less than a word. */
    private final long[] twiceWidth = new long[RANGES];

    private final long[] unit = new long[RANGES];
    private int filled;

    private DelayMix() {}

    /**
     * @param name {@code exp}: exponential with a mean of 1e6 ticks, few ties. {@code hw}: cycles of hardware, 50 % 1-4,
     *     30 % 5-32, 15 % 33-256, 4 % 257-2048, 1 % 20,000-100,000, many ties. {@code hwps}: the same in ps, of four clocks
     */
    static DelayMix of(String name) {
        return switch (name) {
            case "exp" -> exponential();
            case "hw" -> hardware(new int[] {1});
            case "hwps" -> hardware(CLOCK_PERIODS_PS);
            default -> throw new IllegalArgumentException("no delay mix " + name);
        };
    }

    long next(RandomStream random) {
        long bits = random.nextLong();
        int range = (int) (bits >>> (Long.SIZE - INDEX_BITS));
        long within = Math.multiplyHigh((bits << INDEX_BITS) >>> 1, twiceWidth[range]);
        return (low[range] + within) * unit[range];
    }

    private static DelayMix exponential() {
        DelayMix mix = new DelayMix();
        for (int i = 0; i < RANGES; i++) {
            long from = quantile((double) i / RANGES);
            // The last range would be endless; it ends where 7 of 8 of its delays lie.
            long to = quantile(i + 1 < RANGES ? (i + 1.0) / RANGES : 1 - 0.125 / RANGES);
            mix.range(from, Math.max(1, to - from), 1);
        }
        return mix;
    }

    private static long quantile(double part) {
        return (long) (-StrictMath.log(1 - part) * EXPONENTIAL_MEAN);
    }

    private static DelayMix hardware(int[] units) {
        DelayMix mix = new DelayMix();
        mix.ranges(512, 1, 4, units);
        mix.ranges(307, 5, 32, units);
        mix.ranges(154, 33, 256, units);
        mix.ranges(41, 257, 2048, units);
        mix.ranges(10, 20_000, 100_000, units);
        return mix;
    }

    /** Equally likely whole numbers from {@code first} to {@code last}, each unit as often as any other. */
    private void ranges(int count, long first, long last, int[] units) {
        for (int i = 0; i < count; i++) {
            range(first, last - first + 1, units[i % units.length]);
        }
    }

    private void range(long from, long width, long times) {
        low[filled] = from;
        twiceWidth[filled] = 2 * width;
        unit[filled] = times;
        filled++;
    }
}
