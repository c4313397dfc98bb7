package org.iommusim.sim.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.ExploringChoice;
import org.iommusim.sim.event.RecordedChoices;
import org.iommusim.sim.event.TimedChoice;
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

    /** All outcomes over all choice lists, by depth-first search with replay from the start. */
    private static Set<Integer> allOutcomes(Function<Simulation, Race> model) {
        Set<Integer> outcomes = new TreeSet<>();
        int[] prefix = {};
        while (true) {
            int[][] widths = {new int[1000]};
            int[] depth = {0};
            RecordedChoices[] recorded = {null};
            int[] from = prefix;
            recorded[0] = new RecordedChoices(from, (what, alternatives) -> 0) {
                @Override
                public int choose(String what, int alternatives) {
                    widths[0][depth[0]++] = alternatives;
                    return super.choose(what, alternatives);
                }
            };
            outcomes.add(model.apply(Simulation.seeded(1)
                            .choice(new ExploringChoice(recorded[0]))
                            .build())
                    .run());
            int[] taken = recorded[0].taken();
            int last = taken.length - 1;
            while (last >= 0 && taken[last] == widths[0][last] - 1) {
                last--;
            }
            if (last < 0) {
                return outcomes;
            }
            prefix = java.util.Arrays.copyOf(taken, last + 1);
            prefix[last]++;
        }
    }

    @Test
    void shouldFindTheLostUpdateWithoutALock() {
        assertThat(allOutcomes(sim -> new Race(sim, false))).containsExactly(1, 2);
    }

    @Test
    void shouldFindNothingWithTheLock() {
        assertThat(allOutcomes(sim -> new Race(sim, true))).containsExactly(2);
    }

    @Test
    void shouldHaveTheTimedOutcomeAmongTheExplored() {
        int timed = new Race(Simulation.seeded(1).choice(new TimedChoice()).build(), false).run();
        assertThat(allOutcomes(sim -> new Race(sim, false))).contains(timed);
    }

    @Test
    void shouldReplayARecordedChoiceListExactly() {
        for (long seed = 0; seed < 50; seed++) {
            var random = new RandomStreams(seed).split("choices");
            RecordedChoices free = new RecordedChoices(new int[0], (what, n) -> random.nextInt(n));
            int found = new Race(
                            Simulation.seeded(1)
                                    .choice(new ExploringChoice(free))
                                    .build(),
                            false)
                    .run();
            Simulation again = Simulation.seeded(1)
                    .choice(new ExploringChoice(RecordedChoices.exactly(free.taken())))
                    .build();
            assertThat(new Race(again, false).run()).isEqualTo(found);
        }
    }

    @Test
    void shouldSayThatAChoiceListIsTooShort() {
        Simulation sim = Simulation.seeded(1)
                .choice(new ExploringChoice(RecordedChoices.exactly()))
                .build();
        Race race = new Race(sim, false);
        assertThatThrownBy(race::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("choice list ends after 0 answers");
    }

    @Test
    void shouldUndoARunOfTasksAndRunItAgainToTheSameState() {
        var random = new RandomStreams(7).split("choices");
        RecordedChoices free = new RecordedChoices(new int[0], (what, n) -> random.nextInt(n));
        Simulation sim = Simulation.seeded(1).choice(new ExploringChoice(free)).build();
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
