package org.iommusim.hw.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
    private final AddressRange range = new AddressRange();

    @Test
    void shouldBeEverythingAtFirst() {
        assertThat(range.contains(0, 0)).isTrue();
        assertThat(range.overlaps(-1, -1)).isTrue();
    }

    /** The range is 0x4000 to 0x7fff, whatever address in it is named. */
    @ParameterizedTest
    @CsvSource({
        "0x3000, 12, false, false",
        "0x4000, 12, true, true",
        "0x7000, 12, true, true",
        "0x8000, 12, false, false",
        "0x6abc, 14, true, true",
        "0x0, 15, true, false",
        "0x9000, 15, false, false",
        "0x12345678, 63, true, false"
    })
    void shouldTellWhatItTouchesFromWhatIsInIt(String address, int shift, boolean overlaps, boolean contains) {
        for (long named : new long[] {0x4000, 0x5fff, 0x7000}) {
            range.around(named, 14);
            assertThat(range.overlaps(Long.decode(address), -1L << shift)).isEqualTo(overlaps);
            assertThat(range.contains(Long.decode(address), -1L << shift)).isEqualTo(contains);
        }
    }

    @Test
    void shouldTakeAddressesWithoutSign() {
        range.around(-0x1000, 12);
        assertThat(range.overlaps(-1, -1L << 12)).isTrue();
        assertThat(range.contains(0, -1L << 12)).isFalse();
        range.around(0x5000, 64);
        assertThat(range.contains(-0x1000, -1L << 12)).isTrue();
        assertThat(range.contains(0x1000, -1L << 12)).isTrue();
    }
}
