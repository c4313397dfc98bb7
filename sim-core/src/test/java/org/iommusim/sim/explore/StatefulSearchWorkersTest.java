package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Supplier;
import org.iommusim.sim.testkit.ForwardingSubject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The number of workers changes nothing but the time. */
class StatefulSearchWorkersTest {
    private static final int USERS = 5;

    private static Exploration explore(int workers, int bug, int preemptions, boolean symmetry) {
        return StatefulSearch.onAllCores()
                .withWorkers(workers)
                .withSymmetry(symmetry)
                .explore(
                        () -> new ToyProtocol(USERS, bug),
                        Bounds.unlimited().withPreemptions(preemptions),
                        ExploreProgress.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 2147483647, false", "0, 3, false", "0, 12, false", "1, 2147483647, false", "1, 2, false",
        "2, 2147483647, false", "2, 0, false", "0, 2147483647, true", "0, 4, true", "1, 3, true"
    })
    void shouldGiveTheSameResult(int bug, int preemptions, boolean symmetry) {
        Exploration alone = explore(1, bug, preemptions, symmetry);
        for (int round = 0; round < 3; round++) {
            assertThat(explore(2, bug, preemptions, symmetry)).isEqualTo(alone);
            assertThat(explore(3, bug, preemptions, symmetry)).isEqualTo(alone);
        }
    }

    /** A subject that fails in the middle of the search, on whichever worker gets there. */
    @Test
    void shouldTellTheCallerWhatAWorkerThrew() {
        Supplier<Subject> broken = () -> new ForwardingSubject(new ToyProtocol(USERS, 0)) {
            @Override
            public boolean end() {
                throw new IllegalArgumentException("broken model");
            }
        };
        for (int workers = 1; workers <= 3; workers++) {
            StatefulSearch engine = StatefulSearch.onAllCores().withWorkers(workers);
            assertThatThrownBy(() -> engine.explore(broken, Bounds.unlimited(), ExploreProgress.NONE))
                    .hasMessageContaining("broken model");
        }
    }
}
