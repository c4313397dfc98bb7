package org.iommusim.sim.random;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The source of all random streams of a simulation: one root seed, split by names.
 *
 * <p>A stream's start and increment are the first 16 bytes of the SHA-256 of the root seed (8 bytes, little endian) and
 * the name in UTF-8. So names may be as similar as {@code dev1} and {@code dev2}, and a stream can be recomputed by any
 * program. Immutable; may be shared between threads.
 */
public final class RandomStreams {

    /** Increments with fewer changes between neighbouring bits than this mix badly (Steele, Lea, Flood 2014). */
    private static final int FEWEST_BIT_CHANGES = 24;

    private final long rootSeed;

    /**
     * Makes the source for one simulation.
     *
     * @param rootSeed the scenario's seed; every value is as good as any other
     */
    public RandomStreams(long rootSeed) {
        this.rootSeed = rootSeed;
    }

    /**
     * The seed that all streams come from.
     *
     * @return the root seed
     */
    public long rootSeed() {
        return rootSeed;
    }

    /**
     * A new stream at its start. Splitting twice by the same name gives two equal streams, so each consumer needs a name
     * of its own.
     *
     * @param name who will draw from it, usually the path of a component and a purpose: {@code nic0.arrivals}
     * @return the stream of that name; it depends on the root seed and the name only
     */
    public RandomStream split(String name) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer input = ByteBuffer.allocate(Long.BYTES + utf8.length).order(ByteOrder.LITTLE_ENDIAN);
        input.putLong(rootSeed).put(utf8).flip();
        MessageDigest sha256 = sha256();
        sha256.update(input);
        ByteBuffer hash = ByteBuffer.wrap(sha256.digest()).order(ByteOrder.LITTLE_ENDIAN);
        return new RandomStream(hash.getLong(), goodIncrement(hash.getLong()));
    }

    static long goodIncrement(long bits) {
        long odd = bits | 1;
        boolean tooRegular = Long.bitCount(odd ^ (odd >>> 1)) < FEWEST_BIT_CHANGES;
        return tooRegular ? odd ^ 0xAAAAAAAAAAAAAAAAL : odd;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
