package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AskedAboveTest {
    @Test
    void shouldKnowWhatFollowsFromWhatWasAskedFor() {
        AskedAbove asked = new AskedAbove();
        asked.forget(0, 3);
        assertThat(asked.isNew(3, 0b0110)).isTrue();
        assertThat(asked.isNew(3, 0b0110)).isFalse();
        assertThat(asked.isNew(3, 0b1110)).as("one of more lanes").isFalse();
        assertThat(asked.isNew(3, 0b0100)).as("one of fewer lanes").isTrue();
        assertThat(asked.isNew(2, 0b0110)).as("another depth").isTrue();
    }

    @Test
    void shouldForgetDepthsThatSomebodyElseHasTaken() {
        AskedAbove asked = new AskedAbove();
        asked.forget(0, 5);
        for (int depth = 0; depth <= 5; depth++) {
            assertThat(asked.isNew(depth, 1)).isTrue();
        }
        asked.forget(3, 4);
        assertThat(asked.isNew(2, 1)).isFalse();
        assertThat(asked.isNew(3, 1)).isTrue();
        assertThat(asked.isNew(4, 1)).isTrue();
        assertThat(asked.isNew(5, 1)).isFalse();
        asked.forget(6, 100);
        assertThat(asked.isNew(100, 1)).isTrue();
    }
}
