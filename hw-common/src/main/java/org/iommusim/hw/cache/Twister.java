package org.iommusim.hw.cache;

import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/**
 * The 64-bit Mersenne twister (Matsumoto and Nishimura, MT19937-64), which gem5 draws victims from. Only to agree with
 * gem5: everything else draws from {@link org.iommusim.sim.random.RandomStream}. Undone with the world.
 */
final class Twister {
    private static final int WORDS = 312;
    private static final int DISTANCE = 156;
    private static final long UPPER = -1L << 31;
    private static final long MATRIX = 0xB5026F5AA96619E9L;

    private final LongArrayCell words;
    private final IntCell next;

    Twister(World world, Variable variable, long instance, long seed) {
        words = new LongArrayCell(world, variable, instance << 4, WORDS);
        next = new IntCell(world, variable, (instance << 4) + 1, WORDS);
        words.set(0, seed);
        for (int i = 1; i < WORDS; i++) {
            long before = words.get(i - 1);
            words.set(i, 6364136223846793005L * (before ^ before >>> 62) + i);
        }
    }

    /** A number in {@code 0 .. bound-1}: the upper half of the product of a draw and the bound (Lemire 2019). */
    int below(int bound) {
        long draw = draw();
        long low = draw * bound;
        if (Long.compareUnsigned(low, bound) < 0) {
            long uneven = Long.remainderUnsigned(-bound, bound);
            while (Long.compareUnsigned(low, uneven) < 0) {
                draw = draw();
                low = draw * bound;
            }
        }
        return (int) (Math.multiplyHigh(draw, bound) + (draw >> 63 & bound));
    }

    /** The next 64 bits. */
    long draw() {
        if (next.get() == WORDS) {
            twist();
            next.set(0);
        }
        long x = words.get(next.get());
        next.add(1);
        x ^= x >>> 29 & 0x5555555555555555L;
        x ^= x << 17 & 0x71D67FFFEDA60000L;
        x ^= x << 37 & 0xFFF7EEE000000000L;
        return x ^ x >>> 43;
    }

    private void twist() {
        for (int i = 0; i < WORDS; i++) {
            long x = words.get(i) & UPPER | words.get((i + 1) % WORDS) & ~UPPER;
            long turned = x >>> 1 ^ ((x & 1) == 0 ? 0 : MATRIX);
            words.set(i, words.get((i + DISTANCE) % WORDS) ^ turned);
        }
    }
}
