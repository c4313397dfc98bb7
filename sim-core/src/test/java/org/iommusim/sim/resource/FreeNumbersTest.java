package org.iommusim.sim.resource;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreeNumbersTest {
    private final FreeNumbers free = new FreeNumbers();

    @Test
    void shouldGiveTheLowest() {
        free.grow(0, 4);
        assertThat(free.take()).isZero();
        assertThat(free.take()).isEqualTo(1);
        assertThat(free.take()).isEqualTo(2);
        free.release(1);
        free.release(0);
        free.release(2);
        for (int number = 0; number < 4; number++) {
            assertThat(free.take()).isEqualTo(number);
        }
        assertThat(free.isEmpty()).isTrue();
    }

    @Test
    void shouldNotRememberInWhichOrderTheyCameBack() {
        free.grow(0, 3);
        free.take();
        free.take();
        free.take();
        free.release(2);
        free.release(0);
        assertThat(free.take()).isZero();
        free.release(0);
        free.release(1);
        assertThat(free.take()).isZero();
        assertThat(free.take()).isEqualTo(1);
        assertThat(free.take()).isEqualTo(2);
    }

    @Test
    void shouldGiveTheLowestAlsoIfItHasGrownEarly() {
        free.grow(0, 2);
        free.take();
        free.grow(2, 4);
        free.release(0);
        for (int number = 0; number < 4; number++) {
            assertThat(free.take()).isEqualTo(number);
        }
    }

    @Test
    void shouldGrowWhenNoneIsLeft() {
        free.grow(0, 1);
        free.take();
        free.grow(1, 3);
        assertThat(free.take()).isEqualTo(1);
        free.release(0);
        assertThat(free.take()).isZero();
        assertThat(free.take()).isEqualTo(2);
    }
}
