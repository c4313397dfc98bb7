package org.iommusim.hw.queue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingIndexTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 8, 19})
    void shouldFillAndDrainThroughTheWrap(int log2Size) {
        int size = 1 << log2Size;
        int producer = 0;
        int consumer = 0;
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < size; i++) {
                assertThat(RingIndex.full(producer, consumer, log2Size)).isFalse();
                assertThat(RingIndex.entry(producer, log2Size)).isEqualTo(i);
                producer = RingIndex.next(producer, log2Size);
                assertThat(RingIndex.used(producer, consumer, log2Size)).isEqualTo(i + 1);
            }
            assertThat(RingIndex.full(producer, consumer, log2Size)).isTrue();
            for (int i = 0; i < size; i++) {
                assertThat(RingIndex.empty(producer, consumer, log2Size)).isFalse();
                consumer = RingIndex.next(consumer, log2Size);
            }
            assertThat(RingIndex.empty(producer, consumer, log2Size)).isTrue();
        }
    }

    @Test
    void shouldIgnoreFlagsAboveTheWrapBit() {
        assertThat(RingIndex.empty(0x8000_0003, 3, 4)).isTrue();
        assertThat(RingIndex.used(0x8000_0005, 3, 4)).isEqualTo(2);
    }
}
