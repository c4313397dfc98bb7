package org.iommusim.hw.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetIndexTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 23, 64, 87, 512, 1000})
    void shouldBeTheUnsignedRemainder(int sets) {
        Gen gen = new Gen(sets);
        for (int i = 0; i < 10_000; i++) {
            check(gen.magnitude(62), sets);
        }
        check(-1, sets);
        check(Long.MIN_VALUE, sets);
        check(Integer.MAX_VALUE, sets);
        check(1L << 31, sets);
    }

    private static void check(long index, int sets) {
        assertThat(SetIndex.of(index, sets)).isEqualTo((int) Long.remainderUnsigned(index, sets));
    }
}
