package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.explore.Exploration.Stop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatefulSearchTest {
    private static Exploration explore(StatefulSearch engine, int users, int bug, Bounds bounds) {
        return engine.explore(() -> new ToyProtocol(users, bug), bounds, ExploreProgress.NONE);
    }

    /** State counts that TLC gives for the same protocol; it counts the initial state as a transition as well. */
    @ParameterizedTest
    @CsvSource({"2, 245, 459", "4, 6767, 20551", "6, 195533, 840601"})
    void shouldVisitTheStatesThatTlcCounts(int users, long states, long transitions) {
        Exploration result = explore(StatefulSearch.onAllCores().withWorkers(1), users, 0, Bounds.unlimited());
        assertThat(result.states()).isEqualTo(states);
        assertThat(result.transitions()).isEqualTo(transitions);
        assertThat(result.exhaustive()).isTrue();
        assertThat(result.stop()).isEqualTo(Stop.COMPLETE);
    }

    @ParameterizedTest
    @CsvSource({"2, 142", "6, 2025", "7, 3197"})
    void shouldJoinStatesThatDifferByTheOrderOfUsers(int users, long states) {
        StatefulSearch engine = StatefulSearch.onAllCores().withWorkers(1).withSymmetry(true);
        assertThat(explore(engine, users, 0, Bounds.unlimited()).states()).isEqualTo(states);
    }

    @Test
    void shouldFindBothBugs() {
        for (int bug = 1; bug <= 2; bug++) {
            Exploration result = explore(StatefulSearch.onAllCores(), 2, bug, Bounds.unlimited());
            assertThat(result.violated()).isTrue();
        }
    }
}
