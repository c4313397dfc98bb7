package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The engines agree on the toy protocol written as programs of a simulation. */
class ToyProgramsTest {

    private static Exploration explore(Engine engine, int users, int bug) {
        return engine.explore(() -> ToyPrograms.of(users, bug), Bounds.unlimited(), ExploreProgress.NONE);
    }

    @Test
    void shouldReachAllTracesOfOneUser() {
        for (int bug = 0; bug <= 2; bug++) {
            int which = bug;
            Traces naive = DporDifferentialTest.compare(() -> ToyPrograms.of(1, which));
            assertThat(naive.violations.isEmpty()).isEqualTo(bug == 0);
        }
    }

    @Test
    void shouldReachAllTracesOfTwoUsers() {
        Traces sleeping = DporDifferentialTest.reduced(() -> ToyPrograms.of(2, 0), true);
        Traces source = DporDifferentialTest.reduced(() -> ToyPrograms.of(2, 0), false);
        assertThat(source.traces).isEqualTo(sleeping.traces);
        assertThat(source.schedules).isEqualTo(source.traces.size()).isGreaterThan(74);
        assertThat(source.violations).isEmpty();
    }

    @Test
    void shouldFindTheSameLeastCounterexampleByAllEngines() {
        for (int bug = 1; bug <= 2; bug++) {
            Counterexample least = explore(StatefulSearch.onAllCores(), 2, bug).counterexample();
            assertThat(least).isNotNull();
            assertThat(least.preemptions()).isEqualTo(1);
            assertThat(explore(new SourceDpor(), 2, bug).counterexample()).isEqualTo(least);
        }
        assertThat(explore(StatefulSearch.onAllCores(), 2, 0).exhaustive()).isTrue();
    }
}
