package org.iommusim.sim.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GenTest {

    @Test
    void shouldRepeatWithTheSameSeed() {
        assertThat(new Gen(7).list(20, g -> g.below(1000))).isEqualTo(new Gen(7).list(20, g -> g.below(1000)));
        assertThat(new Gen(7).bits()).isNotEqualTo(new Gen(8).bits());
    }

    @Test
    void shouldStayInRange() {
        Gen gen = new Gen(1);
        for (int i = 0; i < 1000; i++) {
            assertThat(gen.below(3)).isBetween(0, 2);
            assertThat(gen.between(-2, 2)).isBetween(-2L, 2L);
            assertThat(gen.magnitude(5)).isBetween(0L, 31L);
            assertThat(gen.weighted(0, 1, 0, 2)).isIn(1, 3);
        }
    }

    @Test
    void shouldShrinkToTheElementsThatMatter() {
        List<Integer> numbers = new Gen(3).list(200, g -> g.below(100));
        List<Integer> failing = new ArrayList<>(numbers);
        failing.add(17, 1000);
        failing.add(150, 2000);

        List<Integer> shortest = Gen.shrink(failing, list -> list.contains(1000) && list.contains(2000));

        assertThat(shortest).containsExactly(1000, 2000);
    }

    @Test
    void shouldNameTheSeedAndTheShortestHistory() {
        assertThatThrownBy(() -> Gen.check(
                        5,
                        g -> g.list(300, x -> x.below(50)),
                        list -> assertThat(list).doesNotContain(13)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed 5: 1 of 300 operations fail:\n  13\n");
    }

    @Test
    void shouldBeSilentWhenThePropertyHolds() {
        assertThatCode(() -> Gen.check(
                        5, g -> g.list(10, Gen::bits), list -> assertThat(list).hasSize(10)))
                .doesNotThrowAnyException();
    }
}
