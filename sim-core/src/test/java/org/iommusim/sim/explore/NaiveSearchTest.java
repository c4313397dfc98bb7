package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.explore.Exploration.Stop;
import org.junit.jupiter.api.Test;

class NaiveSearchTest {
    private static Exploration naive(int users, int bug, Bounds bounds) {
        return new NaiveSearch().explore(() -> new ToyProtocol(users, bug), bounds, ExploreProgress.NONE);
    }

    /** With a listener one level is run, not those below it. */
    private static long schedules(int users, int preemptions) {
        return new NaiveSearch((schedule, violated) -> {})
                .explore(
                        () -> new ToyProtocol(users, 0),
                        Bounds.unlimited().withPreemptions(preemptions),
                        ExploreProgress.NONE)
                .schedules();
    }

    @Test
    void shouldRunEverySchedule() {
        Exploration result = naive(2, 0, Bounds.unlimited());
        assertThat(result.schedules()).isEqualTo(26_444);
        assertThat(result.estimatedSchedules()).isBetween(26_443.9, 26_444.1);
        assertThat(result.exhaustive()).isTrue();
        assertThat(result.stop()).isEqualTo(Stop.COMPLETE);
        assertThat(result.maxDepth()).isEqualTo(21);
    }

    /** The numbers of another explorer of the same protocol. */
    @Test
    void shouldRunEveryScheduleWithinABoundOnPreemptions() {
        assertThat(schedules(2, 0)).isEqualTo(6);
        assertThat(schedules(2, 1)).isEqualTo(48);
        assertThat(schedules(2, 2)).isEqualTo(266);
        assertThat(schedules(3, 0)).isEqualTo(24);
        assertThat(schedules(3, 1)).isEqualTo(348);
        assertThat(schedules(3, 2)).isEqualTo(3_396);
    }

    @Test
    void shouldFindBugsWithTheFewestPreemptions() {
        for (int bug = 1; bug <= 2; bug++) {
            assertThat(naive(2, bug, Bounds.unlimited().withPreemptions(0)).exhaustive())
                    .isTrue();
            Exploration bounded = naive(2, bug, Bounds.unlimited().withPreemptions(2));
            Exploration unlimited = naive(2, bug, Bounds.unlimited());
            assertThat(bounded.counterexample()).isNotNull().isEqualTo(unlimited.counterexample());
            assertThat(bounded.counterexample().preemptions()).isEqualTo(1);
            assertThat(bounded.completedPreemptions()).isZero();
            assertThat(unlimited.completedPreemptions()).isZero();
        }
    }

    @Test
    void shouldAgreeWithTheStatefulSearchOnTheLeastCounterexample() {
        for (int bug = 1; bug <= 2; bug++) {
            int which = bug;
            Counterexample stateful = StatefulSearch.onAllCores()
                    .explore(() -> new ToyProtocol(2, which), Bounds.unlimited(), ExploreProgress.NONE)
                    .counterexample();
            assertThat(naive(2, bug, Bounds.unlimited()).counterexample()).isEqualTo(stateful);
            assertThat(new SourceDpor()
                            .explore(() -> new ToyProtocol(2, which), Bounds.unlimited(), ExploreProgress.NONE)
                            .counterexample())
                    .isEqualTo(stateful);
        }
    }

    @Test
    void shouldSayWhatEndedIt() {
        Exploration few = naive(2, 0, Bounds.unlimited().withMaxSchedules(1000));
        assertThat(few.stop()).isEqualTo(Stop.SCHEDULES);
        assertThat(few.schedules()).isEqualTo(1000);
        assertThat(few.exhaustive()).isFalse();
        assertThat(few.estimatedSchedules()).isBetween(1_000.0, 26_444.0);

        Exploration cut = naive(2, 0, Bounds.unlimited().withMaxDepth(10));
        assertThat(cut.stop()).isEqualTo(Stop.DEPTH);
        assertThat(cut.exhaustive()).isFalse();
        assertThat(cut.maxDepth()).isEqualTo(10);

        Exploration cancelled =
                new NaiveSearch().explore(() -> new ToyProtocol(3, 0), Bounds.unlimited(), stopAtOnce());
        assertThat(cancelled.stop()).isEqualTo(Stop.CANCELLED);
        assertThat(cancelled.schedules()).isPositive();
    }

    static ExploreProgress stopAtOnce() {
        return new ExploreProgress() {
            @Override
            public void update(String level, long schedules, long states, double fraction) {
                assertThat(schedules).isPositive();
            }

            @Override
            public boolean cancelled() {
                return true;
            }
        };
    }
}
