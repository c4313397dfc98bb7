package org.iommusim.sim.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A seeded source of test data, and property checks over lists of operations.
 *
 * <p>The same seed gives the same data on any machine. The generator is SplitMix64 and on purpose not the simulator's own
 * random stream, which is itself under test.
 *
 * <p>For a failing list to shrink well, let an operation mean something in every state (relative delays, "cancel it if it
 * is pending"), so that any part of a history is a history.
 */
public final class Gen {

    private long state;

    public Gen(long seed) {
        state = seed;
    }

    /** 64 random bits. */
    public long bits() {
        state += 0x9E3779B97F4A7C15L;
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** A number in {@code 0 .. bound-1}. */
    public int below(int bound) {
        return (int) below((long) bound);
    }

    /** A number in {@code 0 .. bound-1}; the bias of the remainder does not matter to tests. */
    public long below(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound + " is not positive");
        }
        return Long.remainderUnsigned(bits(), bound);
    }

    /** A number in {@code low .. high}, both included. */
    public long between(long low, long high) {
        return low + below(high - low + 1);
    }

    /** A number of random magnitude in {@code 0 .. 2^maxBits - 1}: small ones are as likely as huge ones. */
    public long magnitude(int maxBits) {
        int length = below(maxBits + 1);
        return length == 0 ? 0 : bits() >>> (64 - length);
    }

    /** True once in {@code n} times. */
    public boolean oneIn(int n) {
        return below(n) == 0;
    }

    /** One of the choices. */
    public <T> T pick(List<T> choices) {
        return choices.get(below(choices.size()));
    }

    /** An index into {@code weights}, each as likely as its weight. */
    public int weighted(int... weights) {
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        int rest = below(sum);
        int index = 0;
        while (rest >= weights[index]) {
            rest -= weights[index];
            index++;
        }
        return index;
    }

    /** A list of {@code length} elements. */
    public <T> List<T> list(int length, Function<Gen, T> element) {
        List<T> result = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            result.add(element.apply(this));
        }
        return result;
    }

    /**
     * Checks that a property holds for the history that a seed gives. If it does not, the history is shrunk and the error
     * shows the seed, the shortest failing history and why it fails.
     *
     * @param history makes a list of operations
     * @param property runs them on fresh objects, and throws if anything is wrong
     */
    public static <T> void check(long seed, Function<Gen, List<T>> history, Consumer<List<T>> property) {
        List<T> operations = history.apply(new Gen(seed));
        if (failure(operations, property) == null) {
            return;
        }
        List<T> shortest = shrink(operations, candidate -> failure(candidate, property) != null);
        Throwable reason = failure(shortest, property);
        String lines = shortest.stream().map(Object::toString).collect(Collectors.joining("\n  ", "\n  ", "\n"));
        throw new AssertionError(
                "seed " + seed + ": " + shortest.size() + " of " + operations.size() + " operations fail:" + lines
                        + reason,
                reason);
    }

    /**
     * Shortens a failing list by leaving out chunks, halves first and single elements last, until no single element can
     * be left out.
     *
     * @param fails whether a list fails; it must say the same each time it is asked
     * @return a list that fails, in the original order
     */
    public static <T> List<T> shrink(List<T> failing, Predicate<List<T>> fails) {
        List<T> best = List.copyOf(failing);
        int chunk = Math.max(1, best.size() / 2);
        while (true) {
            List<T> before = best;
            for (int from = 0; from < best.size(); ) {
                List<T> candidate = without(best, from, chunk);
                if (fails.test(candidate)) {
                    best = candidate;
                } else {
                    from += chunk;
                }
            }
            if (chunk > 1) {
                chunk /= 2;
            } else if (best == before) {
                return best;
            }
        }
    }

    private static <T> List<T> without(List<T> list, int from, int count) {
        List<T> rest = new ArrayList<>(list.subList(0, from));
        rest.addAll(list.subList(Math.min(list.size(), from + count), list.size()));
        return rest;
    }

    private static <T> @Nullable Throwable failure(List<T> operations, Consumer<List<T>> property) {
        try {
            property.accept(operations);
            return null;
        } catch (AssertionError | RuntimeException e) {
            return e;
        }
    }
}
