package org.iommusim.sim.random;

/**
 * Exponentially distributed numbers without a logarithm (Knuth, The Art of Computer Programming 3.4.1, algorithm S,
 * after von Neumann and Marsaglia).
 *
 * <p>The usual {@code -log(u) * mean} depends on {@code Math.log}, whose last bit may differ between machines and between
 * interpreted and compiled code. This algorithm only compares random words with a table of constants, adds and multiplies,
 * all in fixed point: a number {@code x} is held as {@code x * 2^56}. So the result is the same everywhere.
 *
 * <p>An exponential number, measured in units of {@code ln 2}, has a geometric whole part (how many coins in a row fell
 * heads) and an independent fraction. The fraction's distribution is a mixture of minima of {@code k} uniform numbers; one
 * uniform number, looked up in the table, chooses {@code k}.
 */
final class Exponential {

    private static final int FRACTION_BITS = 56;
    private static final long MAX_MEAN_PS = 1L << 54;

    /** {@code Q[k] = ln2/1! + ln2^2/2! + ... + ln2^k/k!}, times 2^56; it converges to 1. */
    private static final long[] Q = {
        0,
        0xB17217F7D1CF7AL,
        0xEEF193F6D75A97L,
        0xFD27186259AAF7L,
        0xFF9D6DD050F4C6L,
        0xFFF4CFCFEF1E62L,
        0xFFFEE81886E1C6L,
        0xFFFFE7FE850E0CL,
        0xFFFFFE2A8731B1L,
        0xFFFFFFDFAC6EEBL,
        0xFFFFFFFDF96400L,
        0xFFFFFFFFE22EC8L,
        0xFFFFFFFFFE6A9EL,
        0xFFFFFFFFFFEC00L,
        0xFFFFFFFFFFFF14L,
        0xFFFFFFFFFFFFF6L,
        1L << FRACTION_BITS, // every fraction is below it, so the search ends here
    };

    private static final long LN2 = Q[1];

    private Exponential() {}

    static long next(RandomStream stream, long meanPs) {
        if (meanPs < 0 || meanPs > MAX_MEAN_PS) {
            throw new IllegalArgumentException("mean " + meanPs + " ps is not in 0 .. 2^54");
        }
        return scale(standard(stream), meanPs);
    }

    /** A number with mean 1, in fixed point; below 65 ln 2. */
    private static long standard(RandomStream stream) {
        int heads = Long.numberOfLeadingZeros(stream.nextLong());
        long fraction = fraction(stream);
        if (fraction < LN2) {
            return heads * LN2 + fraction;
        }
        // Here the product of a fraction with ln 2 is needed: both have 56 bits, and so has the result.
        return heads * LN2 + scale(minimum(stream, fraction), LN2);
    }

    /** The minimum of at least two uniform fractions; how many is decided by where {@code chooser} lies in the table. */
    private static long minimum(RandomStream stream, long chooser) {
        long minimum = Math.min(fraction(stream), fraction(stream));
        for (int k = 2; chooser >= Q[k]; k++) {
            minimum = Math.min(minimum, fraction(stream));
        }
        return minimum;
    }

    private static long fraction(RandomStream stream) {
        return stream.nextLong() >>> (64 - FRACTION_BITS);
    }

    /** A fixed-point number times a whole one, rounded to the nearest whole; the product passes through 128 bits. */
    private static long scale(long fixed, long factor) {
        long high = Math.multiplyHigh(fixed, factor);
        long low = fixed * factor;
        long carry = (low >>> (FRACTION_BITS - 1)) & 1; // the bit that is worth one half
        return (high << (64 - FRACTION_BITS)) + (low >>> FRACTION_BITS) + carry;
    }
}
