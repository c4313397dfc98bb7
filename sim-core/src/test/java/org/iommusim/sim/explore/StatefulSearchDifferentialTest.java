package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.iommusim.sim.explore.Exploration.Stop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stateful engine finds what the plainest search finds: the same least counterexample and the same counts. */
class StatefulSearchDifferentialTest {
    private static final int SEEDS = 300;

    private static Exploration explore(StatefulSearch engine, RandomSubject subject, int preemptions) {
        return engine.explore(() -> subject, Bounds.unlimited().withPreemptions(preemptions), ExploreProgress.NONE);
    }

    private static StatefulSearch alone() {
        return StatefulSearch.onAllCores().withWorkers(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, Bounds.UNLIMITED})
    void shouldFindTheLeastOfAllSchedules(int preemptions) {
        int violating = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomSubject subject = new RandomSubject(seed, false, false);
            Counterexample least = new Oracle(subject, preemptions).leastOfAllSchedules();
            subject.undoTo(0);
            assertThat(explore(alone(), subject, preemptions).counterexample())
                    .as("seed %d", seed)
                    .isEqualTo(least);
            assertThat(explore(alone().withTry(0), subject, preemptions).counterexample())
                    .as("seed %d, level by level", seed)
                    .isEqualTo(least);
            violating += least == null ? 0 : 1;
        }
        assertThat(violating).as("violating seeds").isBetween(SEEDS / 10, SEEDS * 9 / 10);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, Bounds.UNLIMITED})
    void shouldVisitTheStatesOfTheWholeGraphWithLoops(int preemptions) {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomSubject subject = new RandomSubject(seed, true, false);
            boolean bounded = preemptions != Bounds.UNLIMITED;
            check(
                    seed,
                    subject,
                    preemptions,
                    alone(),
                    running -> bounded ? List.of(subject.state(), running) : subject.state());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, Bounds.UNLIMITED})
    void shouldVisitOneStateOfEachOrbitUnderSymmetry(int preemptions) {
        for (long seed = 0; seed < SEEDS; seed++) {
            RandomSubject subject = new RandomSubject(seed, true, true);
            boolean bounded = preemptions != Bounds.UNLIMITED;
            check(
                    seed,
                    subject,
                    preemptions,
                    alone().withSymmetry(true),
                    running -> Arrays.toString(subject.canonical(bounded ? running : -1)));
        }
    }

    private static void check(
            long seed, RandomSubject subject, int preemptions, StatefulSearch engine, Function<Integer, Object> state) {
        Oracle.Graph graph = new Oracle(subject, preemptions).graph(state);
        Counterexample least = graph.least();
        subject.undoTo(0);
        Exploration result = explore(engine, subject, preemptions);
        assertThat(result.stop()).as("seed %d", seed).isEqualTo(least == null ? Stop.COMPLETE : Stop.COUNTEREXAMPLE);
        if (least == null) {
            assertThat(result.states()).as("states of seed %d", seed).isEqualTo(graph.nodes());
            assertThat(result.transitions()).as("transitions of seed %d", seed).isEqualTo(graph.transitions());
            assertThat(result.schedules()).as("ends of seed %d", seed).isEqualTo(graph.ends());
        }
    }

    /**
     * Many seeds, because few counterexamples lie behind a state that is first reached with too few preemptions left: seeds
     * 721 and 1460 are the first.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFindTheLeastOfTheWholeGraph(boolean loops) {
        for (long seed = 0; seed < 10 * SEEDS; seed++) {
            RandomSubject subject = new RandomSubject(seed, loops, false);
            Exploration result = explore(alone(), subject, Bounds.UNLIMITED);
            if (result.violated()) {
                subject.undoTo(0);
                // States are told apart by the lane that may go on: preemptions behind them depend on it.
                Counterexample least = new Oracle(subject, Bounds.UNLIMITED)
                        .graph(running -> List.of(subject.state(), running))
                        .least();
                assertThat(result.counterexample()).as("seed %d", seed).isEqualTo(least);
            }
        }
    }

    @Test
    void shouldFindTheLeastUnderSymmetryAsWell() {
        for (long seed = 0; seed < 10 * SEEDS; seed++) {
            RandomSubject subject = new RandomSubject(seed, true, true);
            Counterexample least = explore(alone(), subject, Bounds.UNLIMITED).counterexample();
            assertThat(explore(alone().withSymmetry(true), subject, Bounds.UNLIMITED)
                            .counterexample())
                    .as("seed %d", seed)
                    .isEqualTo(least);
        }
    }
}
