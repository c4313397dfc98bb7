package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LaneSwapsTest {
    private static List<Integer> lanes(LaneSwaps swaps, int swap) {
        return IntStream.range(0, swaps.lanes())
                .map(lane -> swaps.lane(swap, lane))
                .boxed()
                .toList();
    }

    @Test
    void shouldSwapLanesThatBelongTogether() {
        LaneSwaps swaps = new LaneSwaps(List.of(new int[] {1, 4}, new int[] {3, 0}), 5);
        assertThat(swaps.count()).isEqualTo(2);
        assertThat(lanes(swaps, 0)).containsExactly(0, 1, 2, 3, 4);
        assertThat(lanes(swaps, 1)).containsExactly(4, 3, 2, 1, 0);
    }

    @Test
    void shouldDoOneAfterTheOther() {
        LaneSwaps swaps = new LaneSwaps(List.of(new int[] {0}, new int[] {1}, new int[] {2}), 4);
        assertThat(swaps.count()).isEqualTo(6);
        for (int second = 0; second < 6; second++) {
            for (int first = 0; first < 6; first++) {
                int both = swaps.after(second, first);
                for (int lane = 0; lane < 4; lane++) {
                    assertThat(swaps.lane(both, lane)).isEqualTo(swaps.lane(second, swaps.lane(first, lane)));
                }
            }
        }
        assertThat(IntStream.range(0, 6).mapToObj(swap -> lanes(swaps, swap)).distinct())
                .hasSize(6);
    }

    @Test
    void shouldLeaveLanesThatAreMadeLaterWhereTheyAre() {
        LaneSwaps swaps = new LaneSwaps(List.of(new int[] {0}, new int[] {1}), 2);
        swaps.grow(4);
        assertThat(lanes(swaps, 1)).containsExactly(1, 0, 2, 3);
    }
}
