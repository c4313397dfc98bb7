package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.explore.Exploration.Stop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatefulSearchTest {
    /** A safe system in which a lane may jump back for ever. */
    private static final long CYCLIC_SEED = 1;

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

    @ParameterizedTest
    @CsvSource({
        "1, 'user 1 touches the freed object', 1 0 0 0 0 0 0 0 1",
        "2, 'user 1 touches the freed object', 1 1 1 1 1 1 1 0 0 0 0 0 0 0 1"
    })
    void shouldFindTheLeastScheduleOfEachBug(int bug, String message, String lanes) {
        Exploration result = explore(StatefulSearch.onAllCores(), 2, bug, Bounds.unlimited());
        Counterexample least = result.counterexample();
        assertThat(result.stop()).isEqualTo(Stop.COUNTEREXAMPLE);
        assertThat(result.completedPreemptions()).isZero();
        assertThat(least.preemptions()).isEqualTo(1);
        assertThat(least.actors()).isEqualTo(2);
        assertThat(least.violations()).extracting(Violation::message).containsExactly(message);
        assertThat(least.lanes())
                .isEqualTo(Arrays.stream(lanes.split(" ")).map(Integer::valueOf).toList());
    }

    /** As many as the naive search runs, which has no states. */
    @ParameterizedTest
    @CsvSource({"2, 0, 6", "2, 1, 48", "2, 2, 266", "3, 2, 3396", "2, 2147483647, 26444"})
    void shouldCountTheSchedulesThatItsStatesStandFor(int users, int preemptions, long schedules) {
        Bounds bounds = Bounds.unlimited().withPreemptions(preemptions);
        Exploration naive = new NaiveSearch().explore(() -> new ToyProtocol(users, 0), bounds, ExploreProgress.NONE);
        for (boolean symmetry : new boolean[] {false, true}) {
            Exploration result = explore(StatefulSearch.onAllCores().withSymmetry(symmetry), users, 0, bounds);
            assertThat(result.estimatedSchedules()).isEqualTo(schedules);
            assertThat(result.maxDepth()).isEqualTo(naive.maxDepth());
        }
    }

    @Test
    void shouldCountNoSchedulesWhereTheyMayGoRoundForEver() {
        Exploration result = StatefulSearch.onAllCores()
                .explore(() -> new RandomSubject(CYCLIC_SEED, true, false), Bounds.unlimited(), ExploreProgress.NONE);
        assertThat(result.exhaustive()).isTrue();
        assertThat(result.estimatedSchedules()).isNaN();
        assertThat(result.maxDepth()).isZero();
    }

    @Test
    void shouldFindNoBugWithoutAPreemption() {
        for (int bug = 1; bug <= 2; bug++) {
            Exploration result = explore(
                    StatefulSearch.onAllCores(), 4, bug, Bounds.unlimited().withPreemptions(0));
            assertThat(result.exhaustive()).isTrue();
            assertThat(result.completedPreemptions()).isZero();
        }
    }

    /** Levels 0, 1 and 2, then all, then 3, 4, ... to the first that violates. */
    @ParameterizedTest
    @CsvSource({"0", "1000000"})
    void shouldFindTheFewestPreemptionsEvenIfTheyAreMany(long tryStates) {
        for (int bad = 1; bad <= 8; bad++) {
            int count = bad;
            Exploration result = StatefulSearch.onAllCores()
                    .withTry(tryStates)
                    .explore(() -> new PingPong(count), Bounds.unlimited(), ExploreProgress.NONE);
            Counterexample least = result.counterexample();
            // The last change of turns costs nothing if the other lane has run all its transitions by then.
            assertThat(least.preemptions()).isEqualTo(Math.max(0, bad - 2));
            assertThat(least.lanes()).hasSize(bad == 1 ? 1 : PingPong.STEPS + (bad + 1) / 2);
            assertThat(result.completedPreemptions()).isEqualTo(least.preemptions() - 1);
        }
    }

    @Test
    void shouldSayThatSchedulesWereCut() {
        Exploration result =
                explore(StatefulSearch.onAllCores(), 2, 0, Bounds.unlimited().withMaxDepth(10));
        assertThat(result.stop()).isEqualTo(Stop.DEPTH);
        assertThat(result.exhaustive()).isFalse();
        assertThat(result.reason()).isEqualTo("schedules were cut at 10 transitions");
        assertThat(result.completedPreemptions()).isEqualTo(-1);
    }

    @Test
    void shouldNotCallALevelSafeThatWasCut() {
        Exploration result = explore(
                StatefulSearch.onAllCores().withTry(0), 2, 0, Bounds.unlimited().withMaxDepth(10));
        assertThat(result.stop()).isEqualTo(Stop.DEPTH);
        assertThat(result.completedPreemptions()).isEqualTo(-1);
    }

    @Test
    void shouldStopAtTheBoundOnSchedules() {
        Exploration result =
                explore(StatefulSearch.onAllCores(), 4, 0, Bounds.unlimited().withMaxSchedules(2));
        assertThat(result.stop()).isEqualTo(Stop.SCHEDULES);
        assertThat(result.exhaustive()).isFalse();
        assertThat(result.reason()).startsWith("the bound of 2 schedules was reached while searching");
    }

    @Test
    void shouldStopWhereMemoryEnds() {
        Exploration result =
                explore(StatefulSearch.onAllCores(), 5, 0, Bounds.unlimited().withMaxBytes(1 << 19));
        assertThat(result.stop()).isEqualTo(Stop.MEMORY);
        assertThat(result.exhaustive()).isFalse();
        assertThat(result.counterexample()).isNull();
    }

    @Test
    void shouldReplayItsCounterexample() {
        for (int bug = 1; bug <= 2; bug++) {
            Counterexample least = explore(StatefulSearch.onAllCores(), 3, bug, Bounds.unlimited())
                    .counterexample();
            assertThat(Replay.run(new ToyProtocol(3, bug), least.laneArray())).isEqualTo(least);
        }
    }

    @Test
    void shouldRefuseToClaimWhatNoTestProves() {
        assertThatThrownBy(() -> new Exploration(
                        "guess", "none", Bounds.unlimited(), Stop.COMPLETE, "", true, 0, 1, 1, 1, 1, 1, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no differential test covers guess");
    }
}
