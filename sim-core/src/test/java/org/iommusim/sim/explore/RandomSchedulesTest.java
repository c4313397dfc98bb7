package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.explore.RandomSchedules.Method;
import org.iommusim.sim.random.RandomStream;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.testkit.ForwardingSubject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RandomSchedulesTest {
    private static Exploration explore(Method method, long seed, int users, int bug, Bounds bounds) {
        return RandomSchedules.of(method, seed)
                .explore(() -> new ToyProtocol(users, bug), bounds, ExploreProgress.NONE);
    }

    private static Bounds schedules(long most) {
        return Bounds.unlimited().withMaxSchedules(most);
    }

    @ParameterizedTest
    @EnumSource
    void shouldRunTheSameSchedulesFromTheSameSeed(Method method) {
        Exploration first = explore(method, 7, 2, 1, schedules(10_000));
        assertThat(explore(method, 7, 2, 1, schedules(10_000))).isEqualTo(first);
        assertThat(first.stop()).isEqualTo(Stop.COUNTEREXAMPLE);
        assertThat(first.exhaustive()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void shouldMeetMostTracesAndNeverSayThatItSawAll(Method method) {
        Exploration result = explore(method, 1, 2, 0, schedules(20_000));
        assertThat(result.stop()).isEqualTo(Stop.SAMPLED);
        assertThat(result.exhaustive()).isFalse();
        assertThat(result.completedPreemptions()).isEqualTo(-1);
        // One or two changes of priority cannot lead to a trace that needs more switches.
        int least = switch (method) {
            case WALK, POS -> 70;
            case PCT3 -> 30;
            case PCT2 -> 15;
        };
        assertThat(traces(result)).isBetween(least, 74);
        assertThat(result.states()).isPositive();
    }

    private static int traces(Exploration result) {
        return Integer.parseInt(result.reason().replaceFirst(".* of (\\d+) different.*", "$1"));
    }

    /** How often one schedule of 4,000 hits bug 2, which needs the destroyer between a put and a touch. */
    private static int hits(SchedulePicker picker) {
        ToyProtocol toy = new ToyProtocol(2, 2);
        toy.recordAccesses(true);
        RandomRun run = new RandomRun(new Cursor(toy), picker, 1_000, null);
        int hits = 0;
        Counterexample last = null;
        for (int i = 0; i < 4_000; i++) {
            run.one(Bounds.UNLIMITED);
            hits += run.found() == last ? 0 : 1;
            last = run.found();
        }
        return hits;
    }

    @Test
    void shouldFindTheRareBugMoreOftenByPrioritiesThanByAWalk() {
        RandomStream random = new RandomStreams(1).split("hits");
        int walk = hits(new WalkPicker(random));
        assertThat(walk).isBetween(10, 50);
        assertThat(hits(new PctPicker(random, 2))).isGreaterThan(2 * walk);
        assertThat(hits(new PctPicker(random, 3))).isGreaterThan(2 * walk);
        assertThat(hits(new PosPicker(random))).isGreaterThan(2 * walk);
    }

    /** Bound 0 shows neither bug, bound 1 both. */
    @Test
    void shouldKeepToTheBoundOnPreemptions() {
        for (int bug = 1; bug <= 2; bug++) {
            Bounds none = schedules(2_000).withPreemptions(0);
            assertThat(explore(Method.POS, 1, 2, bug, none).violated()).isFalse();
            Counterexample found =
                    explore(Method.WALK, 1, 2, bug, none.withPreemptions(1)).counterexample();
            assertThat(found).isNotNull();
            assertThat(found.preemptions()).isEqualTo(1);
        }
    }

    @Test
    void shouldReportTheLeastCounterexample() {
        Counterexample least = new NaiveSearch()
                .explore(() -> new ToyProtocol(2, 2), Bounds.unlimited(), ExploreProgress.NONE)
                .counterexample();
        assertThat(explore(Method.POS, 3, 2, 2, schedules(10_000)).counterexample())
                .isEqualTo(least);
    }

    @ParameterizedTest
    @EnumSource
    void shouldNotDependOnTheNumberOfWorkers(Method method) {
        List<Bounds> all = List.of(
                schedules(5_000),
                schedules(1_001),
                schedules(100),
                schedules(3_000).withPreemptions(2));
        for (int bug = 0; bug <= 2; bug++) {
            for (Bounds bounds : all) {
                Exploration alone = workers(1, method, bug, bounds);
                assertThat(workers(2, method, bug, bounds)).isEqualTo(alone);
                assertThat(workers(4, method, bug, bounds)).isEqualTo(alone);
                assertThat(alone.schedules()).isPositive().isLessThanOrEqualTo(bounds.maxSchedules());
            }
        }
    }

    private static Exploration workers(int count, Method method, int bug, Bounds bounds) {
        return RandomSchedules.of(method, 5)
                .withWorkers(count)
                .explore(() -> new ToyProtocol(2, bug), bounds, ExploreProgress.NONE);
    }

    /** What a worker throws comes out, and the others end. */
    @Test
    void shouldPassOnWhatAWorkerThrows() {
        AtomicInteger made = new AtomicInteger();
        assertThatThrownBy(() -> RandomSchedules.of(Method.WALK, 1)
                        .withWorkers(2)
                        .explore(() -> failing(made.getAndIncrement() == 0), schedules(100_000), ExploreProgress.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the model is wrong");
    }

    private static Subject failing(boolean right) {
        return new ForwardingSubject(new ToyProtocol(2, 0)) {
            @Override
            public boolean end() {
                if (!right) {
                    throw new IllegalStateException("the model is wrong");
                }
                return super.end();
            }
        };
    }

    @Test
    void shouldAskForANumberOfSchedules() {
        assertThatThrownBy(() -> explore(Method.POS, 1, 2, 0, Bounds.unlimited()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldStopWhenAsked() {
        Exploration result = RandomSchedules.of(Method.WALK, 1)
                .explore(() -> new ToyProtocol(2, 0), schedules(100_000), NaiveSearchTest.stopAtOnce());
        assertThat(result.stop()).isEqualTo(Stop.CANCELLED);
        assertThat(result.schedules()).isLessThan(100_000);
    }
}
