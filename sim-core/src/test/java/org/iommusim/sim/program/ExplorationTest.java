package org.iommusim.sim.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.ExploringChoice;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.explore.Bounds;
import org.iommusim.sim.explore.Exploration;
import org.iommusim.sim.explore.ExploreProgress;
import org.iommusim.sim.explore.NaiveSearch;
import org.iommusim.sim.explore.SimulationSubject;
import org.iommusim.sim.explore.SimulationSubject.Judge;
import org.iommusim.sim.random.RandomStreams;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.Test;

/** One model, driven by time and by choice: the models do not know which. */
class ExplorationTest {
    private static final Variable COUNTER = Variable.named("counter");
    private static final Footprint TOUCHES = Footprint.of(COUNTER);

    /** Two tasks that increment a counter by load and store, with or without a lock. */
    private static final class Race {
        final Simulation sim;
        final IntCell counter;
        final Task first;
        final Task second;

        Race(Simulation sim, boolean locked) {
            this.sim = sim;
            counter = new IntCell(sim.world(), COUNTER, 1, 0);
            Lock lock = new Lock(sim.world(), "counter lock", Lock.Kind.MUTEX);
            first = new Task(sim.tasks(), "first");
            second = new Task(sim.tasks(), "second");
            first.run(new Call<>(increment(locked), new Local(this, lock)), error -> {});
            second.run(new Call<>(increment(locked), new Local(this, lock)), error -> {});
        }

        static Program<Local> increment(boolean locked) {
            Program.Builder<Local> program = Program.named("increment");
            if (locked) {
                program.lock("lock", f -> f.lock);
            }
            return program.step("load", TOUCHES, f -> f.loaded.set(f.race.counter.get()))
                    .step("store", TOUCHES, f -> f.race.counter.set(f.loaded.get() + 1))
                    .build();
        }

        int run() {
            sim.scheduler().run();
            assertThat(first.idle()).isTrue();
            assertThat(second.idle()).isTrue();
            return counter.get();
        }
    }

    private static final class Local extends Frame {
        final Race race;
        final Lock lock;
        final IntCell loaded = count();

        Local(Race race, Lock lock) {
            super(race.sim.world());
            this.race = race;
            this.lock = lock;
        }
    }

    /** All outcomes over all schedules. */
    private static Set<Integer> allOutcomes(boolean locked) {
        Set<Integer> outcomes = new TreeSet<>();
        Simulation sim = Simulation.seeded(1).build();
        Race race = new Race(sim, locked);
        Judge judge = Judge.of(
                () -> {
                    outcomes.add(race.counter.get());
                    return List.of();
                },
                violation -> false);
        Exploration result = new NaiveSearch()
                .explore(() -> new SimulationSubject(sim, judge, 0, null), Bounds.unlimited(), ExploreProgress.NONE);
        assertThat(result.exhaustive()).isTrue();
        return outcomes;
    }

    @Test
    void shouldFindTheLostUpdateWithoutALock() {
        assertThat(allOutcomes(false)).containsExactly(1, 2);
    }

    @Test
    void shouldFindNothingWithTheLock() {
        assertThat(allOutcomes(true)).containsExactly(2);
    }

    @Test
    void shouldHaveTheTimedOutcomeAmongTheExplored() {
        int timed = new Race(Simulation.seeded(1).choice(new TimedChoice()).build(), false).run();
        assertThat(allOutcomes(false)).contains(timed);
    }

    @Test
    void shouldUndoARunOfTasksAndRunItAgainToTheSameState() {
        var random = new RandomStreams(7).split("choices");
        Simulation sim = Simulation.seeded(1)
                .choice(new ExploringChoice(random::nextInt))
                .build();
        sim.world().startJournaling();
        Race race = new Race(sim, true);
        int start = sim.world().mark();
        long startHash = sim.world().hash();
        for (int round = 0; round < 20; round++) {
            assertThat(race.run()).isEqualTo(2);
            sim.world().undoTo(start);
            assertThat(sim.world().hash()).isEqualTo(startHash);
            assertThat(race.counter.get()).isZero();
        }
    }
}
