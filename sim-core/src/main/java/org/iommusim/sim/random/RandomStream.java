package org.iommusim.sim.random;

/**
 * One stream of random numbers: SplitMix64 (Steele, Lea, Flood 2014) with an increment of its own.
 *
 * <p>The state is a counter that grows by an odd increment; each value is a strong mix of it. Two streams with different
 * increments are different sequences, not the same one at another place, so streams do not run into each other however
 * long they are. Its whole mutable state is one long, which makes saving and undoing cheap.
 *
 * <p>Each method documents how many values it draws, since that is what a replay depends on. Nothing is allocated.
 */
public final class RandomStream {

    /** The increment of the published generator: 2^64 divided by the golden ratio, made odd. */
    static final long GOLDEN_INCREMENT = 0x9E3779B97F4A7C15L;

    private final long increment;
    private long state;

    /**
     * Makes a stream; consumers get theirs from {@link RandomStreams}.
     *
     * @param state where it starts
     * @param increment what the state grows by; odd, so that all 2^64 states are visited
     */
    RandomStream(long state, long increment) {
        if ((increment & 1) == 0) {
            throw new IllegalArgumentException("increment " + increment + " is even");
        }
        this.state = state;
        this.increment = increment;
    }

    /**
     * 64 random bits. Draws one value.
     *
     * @return any long, all equally likely
     */
    public long nextLong() {
        state += increment;
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /**
     * A number below a bound, all equally likely. Draws one value, very seldom more.
     *
     * @param bound how many different results there are; at least 1
     * @return a number in {@code 0 .. bound-1}
     * @throws IllegalArgumentException if the bound is not positive
     */
    public int nextInt(int bound) {
        return (int) nextLong(bound);
    }

    /**
     * A number below a bound, all equally likely. Draws one value, and another one with probability below
     * {@code bound / 2^64}.
     *
     * <p>The high half of the 128-bit product of a random word and the bound is almost even; the few low halves that
     * would make it uneven are drawn again (Lemire 2019). A remainder would favour small results.
     *
     * @param bound how many different results there are; at least 1
     * @return a number in {@code 0 .. bound-1}
     * @throws IllegalArgumentException if the bound is not positive
     */
    public long nextLong(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound + " is not positive");
        }
        long word = nextLong();
        long low = word * bound;
        if (Long.compareUnsigned(low, bound) < 0) {
            long uneven = Long.remainderUnsigned(-bound, bound); // 2^64 mod bound
            while (Long.compareUnsigned(low, uneven) < 0) {
                word = nextLong();
                low = word * bound;
            }
        }
        return multiplyHighUnsigned(word, bound);
    }

    /**
     * A decision with exact odds. Draws as {@link #nextLong(long)} does, also when the outcome is certain, so that
     * changing odds does not shift what is drawn after.
     *
     * @param numerator how many of the cases say yes; 0 is never, {@code denominator} is always
     * @param denominator how many cases there are; at least 1
     * @return true with probability {@code numerator / denominator}
     * @throws IllegalArgumentException if the odds are not between 0 and 1
     */
    public boolean chance(long numerator, long denominator) {
        if (denominator <= 0 || numerator < 0 || numerator > denominator) {
            throw new IllegalArgumentException("odds " + numerator + "/" + denominator + " are not between 0 and 1");
        }
        return nextLong(denominator) < numerator;
    }

    /**
     * The time to the next arrival of a Poisson process. Draws at least two values, on average about three.
     *
     * @param meanPs the mean time between arrivals in ps, 0 to 2^54 (five hours)
     * @return an exponentially distributed time in ps, rounded to the nearest; below 46 times the mean
     * @throws IllegalArgumentException if the mean is out of range
     */
    public long exponentialPs(long meanPs) {
        return Exponential.next(this, meanPs);
    }

    /**
     * The stream's position, to be put back by {@link #restore}.
     *
     * @return an opaque number
     */
    public long save() {
        return state;
    }

    /**
     * Puts the stream back to where it was.
     *
     * @param saved what {@link #save} of this stream, or of one with the same root seed and name, returned
     */
    public void restore(long saved) {
        state = saved;
    }

    /** The upper 64 bits of the product of an unsigned and a positive number. */
    private static long multiplyHighUnsigned(long unsigned, long positive) {
        return Math.multiplyHigh(unsigned, positive) + ((unsigned >> 63) & positive);
    }
}
