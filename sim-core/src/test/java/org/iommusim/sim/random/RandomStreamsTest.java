package org.iommusim.sim.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RandomStreamsTest {

    private final RandomStreams streams = new RandomStreams(42);

    @Test
    void shouldDependOnTheSeedAndTheNameOnly() {
        RandomStream alone = new RandomStreams(42).split("nic1.arrivals");
        streams.split("nic0.arrivals").nextLong();
        RandomStream amongOthers = streams.split("nic1.arrivals");
        assertThat(amongOthers.nextLong()).isEqualTo(alone.nextLong()).isEqualTo(0x884D10DEE77E2AC8L);
    }

    @Test
    void shouldGiveTheRecordedStreams() {
        assertThat(new RandomStreams(0).split("").nextLong()).isEqualTo(0xB0D748D56E178F74L);
        assertThat(new RandomStreams(-1).split("ü").nextLong()).isEqualTo(0x1911A83B97553FA5L);
    }

    @Test
    void shouldDifferByNameAndBySeed() {
        long value = streams.split("dev1").nextLong();
        assertThat(value).isNotEqualTo(streams.split("dev2").nextLong());
        assertThat(value).isNotEqualTo(new RandomStreams(43).split("dev1").nextLong());
    }

    @Test
    void shouldNotCorrelateStreamsOfSimilarNames() {
        RandomStream one = streams.split("dev1");
        RandomStream two = streams.split("dev2");
        int equalBits = 0;
        for (int i = 0; i < 10_000; i++) {
            equalBits += Long.bitCount(~(one.nextLong() ^ two.nextLong()));
        }
        assertThat(equalBits).isBetween(320_000 - 1600, 320_000 + 1600);
    }

    @Test
    void shouldAvoidIncrementsThatMixBadly() {
        for (long bits : new long[] {0, 1, -1, 0xFFFF_FFFFL, 0x0F0F_0F0F_0F0F_0F0FL, Long.MIN_VALUE}) {
            long increment = RandomStreams.goodIncrement(bits);
            assertThat(increment & 1).isEqualTo(1);
            assertThat(Long.bitCount(increment ^ (increment >>> 1))).isGreaterThanOrEqualTo(24);
        }
        assertThat(RandomStreams.goodIncrement(RandomStream.GOLDEN_INCREMENT)).isEqualTo(RandomStream.GOLDEN_INCREMENT);
    }
}
