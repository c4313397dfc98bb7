package org.iommusim.sim.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The golden values were computed by an independent program; they are part of every recorded digest. */
class RandomStreamTest {

    private final RandomStream stream = new RandomStreams(42).split("nic0.arrivals");

    @Test
    void shouldGiveTheRecordedLongs() {
        assertThat(first(3, stream::nextLong))
                .containsExactly(0x00D3619D4CCFE38FL, 0x86EEAD5F560F80ADL, 0x7CDEED095C6533EEL);
    }

    @Test
    void shouldGiveTheRecordedBoundedNumbers() {
        assertThat(first(8, () -> stream.nextInt(1000))).containsExactly(3, 527, 487, 609, 815, 704, 705, 134);
    }

    @Test
    void shouldGiveTheRecordedExponentialTimes() {
        assertThat(first(8, () -> stream.exponentialPs(1_000_000)))
                .containsExactly(6072257, 1302325, 93340, 3704163, 154545, 1011685, 396212, 879520);
    }

    @Test
    void shouldBeThePublishedGeneratorWhereTheJdkHasIt() {
        SplittableRandom jdk = new SplittableRandom(2026);
        RandomStream same = new RandomStream(2026, RandomStream.GOLDEN_INCREMENT);
        assertThat(first(1000, same::nextLong)).containsExactly(first(1000, jdk::nextLong));
    }

    @Test
    void shouldStayBelowTheBound() {
        for (long bound : new long[] {1, 2, 3, 64, 1000, 1L << 40, (1L << 62) + 1, Long.MAX_VALUE}) {
            for (int i = 0; i < 1000; i++) {
                assertThat(stream.nextLong(bound)).isBetween(0L, bound - 1);
            }
        }
        assertThat(stream.nextInt(1)).isZero();
    }

    @Test
    void shouldFillAllBucketsEvenly() {
        int[] hits = new int[17];
        for (int i = 0; i < 170_000; i++) {
            hits[stream.nextInt(17)]++;
        }
        double chiSquare = 0;
        for (int hit : hits) {
            chiSquare += (hit - 10_000.0) * (hit - 10_000.0) / 10_000;
        }
        assertThat(chiSquare).as("16 degrees of freedom, 99.9 % of all seeds").isLessThan(39.3);
    }

    /** A bound of 3/4 of 2^63 would hit the lower half 4 times out of 7 if words were not drawn again or were folded. */
    @Test
    void shouldNotFavourSmallNumbersOfAHugeBound() {
        long bound = 3L << 61;
        long lowerHalf = LongStream.range(0, 100_000)
                .filter(i -> stream.nextLong(bound) < bound / 2)
                .count();
        assertThat(lowerHalf).isCloseTo(50_000L, within(700L));
    }

    @Test
    void shouldFlipEveryBitHalfOfTheTime() {
        int[] ones = new int[Long.SIZE];
        for (int i = 0; i < 100_000; i++) {
            long bits = stream.nextLong();
            for (int bit = 0; bit < Long.SIZE; bit++) {
                ones[bit] += (int) (bits >>> bit) & 1;
            }
        }
        for (int count : ones) {
            assertThat(count).isCloseTo(50_000, within(700));
        }
    }

    @Test
    void shouldKeepTheOdds() {
        long yes =
                LongStream.range(0, 100_000).filter(i -> stream.chance(3, 10)).count();
        assertThat(yes).isCloseTo(30_000L, within(600L));
        assertThat(LongStream.range(0, 1000).noneMatch(i -> stream.chance(0, 5)))
                .isTrue();
        assertThat(LongStream.range(0, 1000).allMatch(i -> stream.chance(5, 5))).isTrue();
    }

    @Test
    void shouldDrawOnceForCertainOutcomesToo() {
        RandomStream other = new RandomStreams(42).split("nic0.arrivals");
        stream.chance(0, 10);
        other.nextLong();
        assertThat(stream.save()).isEqualTo(other.save());
    }

    @Test
    void shouldGoOnFromWhereItWasSaved() {
        stream.nextLong();
        long saved = stream.save();
        long[] once = first(5, stream::nextLong);
        stream.restore(saved);
        assertThat(first(5, stream::nextLong)).containsExactly(once);
    }

    @Test
    void shouldRefuseWhatHasNoMeaning() {
        assertThatIllegalArgumentException().isThrownBy(() -> stream.nextInt(0));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.nextLong(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.chance(2, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.chance(0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.chance(-1, 3));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.exponentialPs(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> stream.exponentialPs((1L << 54) + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new RandomStream(1, 2));
    }

    private static long[] first(int count, LongSupplier supplier) {
        return LongStream.generate(supplier).limit(count).toArray();
    }
}
