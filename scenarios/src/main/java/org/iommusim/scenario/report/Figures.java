package org.iommusim.scenario.report;

import java.math.BigDecimal;
import java.math.MathContext;
import org.iommusim.sim.time.Picoseconds;

/** Numbers as text, by integer arithmetic. */
final class Figures {
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    /** Every whole number up to here is a double. */
    private static final double EXACT_MAX = 1L << 53;

    private Figures() {}

    /** 12345678 as {@code 12,345,678}. */
    static String grouped(long number) {
        StringBuilder text = new StringBuilder(Long.toString(number));
        for (int i = text.length() - 3; i > (number < 0 ? 1 : 0); i -= 3) {
            text.insert(i, ',');
        }
        return text.toString();
    }

    /** A whole number: exactly up to 2 to the power of 53, and {@code about 4.6E+21} above. */
    static String large(double number) {
        return number <= EXACT_MAX
                ? grouped((long) number)
                : "about " + new BigDecimal(number).round(new MathContext(2));
    }

    /** A part of a whole as {@code 12.3 %}. */
    static String percent(long part, long whole) {
        if (whole == 0) {
            return "-";
        }
        long thousandths = Math.round((double) part / whole * 1000);
        return thousandths / 10 + "." + thousandths % 10 + " %";
    }

    /** Nanoseconds with one decimal, grouped. */
    static String nanoseconds(long ps) {
        long tenths = (ps + 50) / 100;
        return grouped(tenths / 10) + "." + tenths % 10;
    }

    /** Microseconds with three decimals, grouped: one unit for a whole timeline. */
    static String microseconds(long ps) {
        long ns = ps / Picoseconds.NS;
        return grouped(ns / 1000) + "." + Long.toString(1000 + ns % 1000).substring(1);
    }

    /** A span with three significant digits or more in its best unit. */
    static String time(long ps) {
        return Picoseconds.text(ps);
    }

    /** A horizontal bar of a part of a whole, in eighths of a column. */
    static String bar(long part, long whole, int columns) {
        if (whole <= 0 || part <= 0) {
            return "";
        }
        int eighths = (int) Math.min(columns * 8L, Math.max(1, Math.round((double) part / whole * columns * 8)));
        String rest = eighths % 8 == 0 ? "" : EIGHTHS.substring(eighths % 8, eighths % 8 + 1);
        return "█".repeat(eighths / 8) + rest;
    }
}
