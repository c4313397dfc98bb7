package org.iommusim.sim.time;

/** Names and text for spans of simulated time, all in picoseconds. */
public final class Picoseconds {
    /** One nanosecond in ps. */
    public static final long NS = 1_000L;
    /** One microsecond in ps. */
    public static final long US = 1_000_000L;
    /** One millisecond in ps. */
    public static final long MS = 1_000_000_000L;
    /** One second in ps. */
    public static final long S = 1_000_000_000_000L;

    private Picoseconds() {}

    /**
     * Exact text of a span in the largest unit that keeps the number above one, with three decimals and no rounding up
     * ({@code 1234567} ps gives {@code 1.234 us}). Integer arithmetic only, so that every JDK prints the same bytes.
     *
     * @param ps a span in picoseconds, also negative
     */
    public static String text(long ps) {
        if (ps < 0) {
            return "-" + text(-ps);
        }
        if (ps < NS) {
            return ps + " ps";
        }
        if (ps < US) {
            return scaled(ps, NS) + " ns";
        }
        if (ps < MS) {
            return scaled(ps, US) + " us";
        }
        return ps < S ? scaled(ps, MS) + " ms" : scaled(ps, S) + " s";
    }

    /** The span in nanoseconds with three decimals, no unit ({@code 1234567} ps gives {@code 1234.567}). */
    public static String nanoseconds(long ps) {
        return ps < 0 ? "-" + nanoseconds(-ps) : scaled(ps, NS);
    }

    private static String scaled(long ps, long unit) {
        long thousandths = ps % unit / (unit / 1_000);
        String decimals = Long.toString(1_000 + thousandths).substring(1);
        return ps / unit + "." + decimals;
    }
}
