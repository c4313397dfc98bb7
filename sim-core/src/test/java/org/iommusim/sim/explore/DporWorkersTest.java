package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.iommusim.sim.explore.Exploration.Stop;
import org.iommusim.sim.explore.TinyMachine.Kind;
import org.iommusim.sim.explore.TinyMachine.Op;
import org.iommusim.sim.testkit.ForwardingSubject;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

/** How many workers search shows nowhere: not in the traces, the counts, the violations or the least counterexample. */
class DporWorkersTest {
    private static final int PROGRAMS = Integer.getInteger("iommusim.explore.programs", 600) / 4;

    private static SourceDpor engine(boolean sleepSetsOnly, ScheduleListener listener, int workers) {
        SourceDpor engine = new SourceDpor(sleepSetsOnly, listener).withWorkers(workers);
        return workers == 1 ? engine : engine.withoutDelay();
    }

    private static Exploration explore(Supplier<? extends Subject> subjects, boolean sleepSetsOnly, int workers) {
        return engine(sleepSetsOnly, null, workers).explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
    }

    /** Both kinds of search: everything that is there, and to the first violation. */
    private static Exploration agree(Supplier<? extends Subject> subjects) {
        Exploration result = null;
        for (boolean sleepSetsOnly : new boolean[] {true, false}) {
            Traces traces = new Traces(subjects.get());
            Exploration all =
                    engine(sleepSetsOnly, traces, 1).explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
            result = explore(subjects, sleepSetsOnly, 1);
            for (int workers : new int[] {2, 4}) {
                Traces same = new Traces(subjects.get());
                Exploration sameAll = engine(sleepSetsOnly, same, workers)
                        .explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
                assertThat(sameAll).isEqualTo(all);
                assertThat(same.traces).isEqualTo(traces.traces);
                assertThat(same.violations).isEqualTo(traces.violations);
                assertThat(same.schedules).as("each trace once").isEqualTo(same.traces.size());
                assertThat(explore(subjects, sleepSetsOnly, workers)).isEqualTo(result);
            }
        }
        return result;
    }

    @Test
    void shouldSearchTheToyProtocolAlike() {
        assertThat(agree(() -> new ToyProtocol(2, 0)).schedules()).isEqualTo(74);
        Exploration alone = explore(() -> new ToyProtocol(3, 0), false, 1);
        for (int round = 0; round < 3; round++) {
            assertThat(explore(() -> new ToyProtocol(3, 0), false, 2)).isEqualTo(alone);
            assertThat(explore(() -> new ToyProtocol(3, 0), false, 4)).isEqualTo(alone);
        }
        assertThat(alone.schedules()).isEqualTo(9_642);
    }

    @Test
    void shouldFindTheSameInTheToyProtocolWithBugs() {
        for (int bug = 1; bug <= 2; bug++) {
            int which = bug;
            assertThat(agree(() -> new ToyProtocol(2, which)).stop()).isEqualTo(Stop.COUNTEREXAMPLE);
            Exploration alone = explore(() -> new ToyProtocol(3, which), false, 1);
            assertThat(explore(() -> new ToyProtocol(3, which), false, 4)).isEqualTo(alone);
        }
    }

    @Test
    void shouldSearchASimulationAlike() {
        agree(() -> ToyPrograms.of(2, 0));
    }

    /** All kinds of operations, with timeouts where nothing else can go on and at any time. */
    @Test
    void shouldSearchRandomProgramsAlike() {
        int violating = 0;
        int parted = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            Gen gen = new Gen(i);
            List<List<Op>> programs = programs(gen);
            int timeouts = gen.below(2);
            Traces few = DporDifferentialTest.naive(
                    () -> new TinyMachine(programs, timeouts),
                    Bounds.unlimited().withMaxSchedules(20_000));
            if (few.schedules < 20_000) {
                Exploration result = agree(() -> new TinyMachine(programs, timeouts));
                violating += result.violated() ? 1 : 0;
                parted += result.schedules() > 1 ? 1 : 0;
            }
        }
        assertThat(violating).isGreaterThan(PROGRAMS / 20);
        assertThat(parted).isGreaterThan(PROGRAMS / 4);
    }

    private static List<List<Op>> programs(Gen gen) {
        List<List<Op>> programs = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        Kind[] kinds = Kind.values();
        for (int left = 3 + gen.below(7); left > 0; left--) {
            Kind kind = kinds[gen.below(kinds.length)];
            int a = gen.below(kind.name().contains("LOCK") ? TinyMachine.LOCKS : TinyMachine.VARIABLES);
            int b = kind == Kind.AWAIT || kind == Kind.SLEEP ? gen.below(2) : 1 + gen.below(3);
            programs.get(gen.below(3)).add(new Op(kind, a, b));
        }
        return programs;
    }

    /** Who comes first among so many schedules, only one worker can say. */
    @Test
    void shouldStopAtTheSameScheduleWhenTheyAreBounded() {
        Bounds bounds = Bounds.unlimited().withMaxSchedules(100);
        Exploration alone = engine(false, null, 1).explore(() -> new ToyProtocol(3, 0), bounds, ExploreProgress.NONE);
        assertThat(engine(false, null, 4).explore(() -> new ToyProtocol(3, 0), bounds, ExploreProgress.NONE))
                .isEqualTo(alone);
    }

    @Test
    void shouldStopWhenAsked() {
        Exploration cancelled = engine(false, null, 4)
                .explore(() -> new ToyProtocol(4, 0), Bounds.unlimited(), NaiveSearchTest.stopAtOnce());
        assertThat(cancelled.stop()).isEqualTo(Stop.CANCELLED);
        assertThat(cancelled.transitions()).isLessThan(100_000);
    }

    @Test
    void shouldPassOnWhatAWorkerThrows() {
        AtomicInteger made = new AtomicInteger();
        assertThatThrownBy(() -> engine(false, null, 3)
                        .explore(() -> failing(made.getAndIncrement() == 0), Bounds.unlimited(), ExploreProgress.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the model is wrong");
    }

    private static Subject failing(boolean right) {
        return new ForwardingSubject(new ToyProtocol(4, 0)) {
            @Override
            public boolean end() {
                if (!right) {
                    throw new IllegalStateException("the model is wrong");
                }
                return super.end();
            }
        };
    }
}
