package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.iommusim.sim.explore.TinyMachine.Kind;
import org.iommusim.sim.explore.TinyMachine.Op;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.testkit.Orbits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Swapping lanes joins no states but those that swapped schedules lead to, and finds what is found without. */
class MirroredSubjectTest {
    private static final int SEEDS = 300;
    private static final int PROGRAMS = Integer.getInteger("iommusim.explore.programs", 600) / 2;

    private static Exploration explore(Supplier<? extends Subject> subjects, boolean symmetry, int preemptions) {
        return StatefulSearch.onAllCores()
                .withWorkers(1)
                .withSymmetry(symmetry)
                .explore(subjects, Bounds.unlimited().withPreemptions(preemptions), ExploreProgress.NONE);
    }

    private static Supplier<MirroredSubject> mirrored(Supplier<? extends Subject> subjects, List<List<String>> groups) {
        return () -> MirroredSubject.of(subjects, groups);
    }

    private static List<List<String>> users(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(user -> List.of("user " + user))
                .toList();
    }

    /** As {@link ToyProtocol} itself says, which knows what belongs to whom. */
    @Test
    void shouldJoinTheStatesOfTheToyProtocol() {
        for (int users = 2; users <= 3; users++) {
            int all = users;
            Supplier<Subject> toy = () -> new ToyProtocol(all, 0);
            for (int preemptions : new int[] {0, 2, Bounds.UNLIMITED}) {
                assertThat(explore(mirrored(toy, users(users)), true, preemptions))
                        .isEqualTo(explore(toy, true, preemptions));
            }
        }
    }

    @Test
    void shouldFindTheBugsOfTheToyProtocol() {
        for (int bug = 1; bug <= 2; bug++) {
            int which = bug;
            Supplier<Subject> toy = () -> new ToyProtocol(3, which);
            assertThat(explore(mirrored(toy, users(3)), true, Bounds.UNLIMITED).counterexample())
                    .isEqualTo(explore(toy, false, Bounds.UNLIMITED).counterexample())
                    .isNotNull();
        }
    }

    private static List<List<String>> lanes(Subject subject) {
        return IntStream.range(0, subject.lanes())
                .mapToObj(lane -> List.of(subject.laneName(lane)))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, Bounds.UNLIMITED})
    void shouldSearchLikeLanesAsTheSubjectThatKnowsThem(int preemptions) {
        for (long seed = 0; seed < SEEDS; seed++) {
            long which = seed;
            Supplier<Subject> subjects = () -> new RandomSubject(which, true, true);
            assertThat(explore(mirrored(subjects, lanes(subjects.get())), true, preemptions))
                    .as("seed %d", seed)
                    .isEqualTo(explore(subjects, true, preemptions));
        }
    }

    /** Lanes that are not alike at all: either that is noticed, or the verdict is right nevertheless. */
    @Test
    void shouldNotBeWrongAboutLanesThatAreNotAlike() {
        int noticed = 0;
        int violating = 0;
        for (long seed = 0; seed < 10 * SEEDS; seed++) {
            long which = seed;
            Supplier<Subject> subjects = () -> new RandomSubject(which, true, false);
            Counterexample least = explore(subjects, false, Bounds.UNLIMITED).counterexample();
            try {
                Exploration result = explore(mirrored(subjects, lanes(subjects.get())), true, Bounds.UNLIMITED);
                assertThat(result.counterexample()).as("seed %d", seed).isEqualTo(least);
                violating += least == null ? 0 : 1;
            } catch (NotSymmetricException e) {
                noticed++;
            }
        }
        assertThat(noticed).as("most of them").isBetween(8 * SEEDS, 10 * SEEDS - SEEDS / 2);
        assertThat(violating).isPositive();
    }

    /** Two or three tasks with one program, and one with another, with all kinds of operations and with timers. */
    @Test
    void shouldJoinWholeOrbitsOfRandomPrograms() {
        int violating = 0;
        int joined = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            Gen gen = new Gen(i);
            int alike = 2 + gen.below(2);
            List<Op> same = ops(gen, alike == 2 ? 5 : 3);
            List<List<Op>> programs = new ArrayList<>();
            programs.add(ops(gen, 3));
            List<List<String>> groups = new ArrayList<>();
            for (int task = 1; task <= alike; task++) {
                programs.add(same);
                groups.add(List.of("task " + task, "timer " + task));
            }
            int timeouts = gen.below(2);
            Supplier<Subject> subjects = () -> new TinyMachine(programs, timeouts);
            Exploration plain = explore(subjects, false, Bounds.UNLIMITED);
            Exploration swapped = explore(mirrored(subjects, groups), true, Bounds.UNLIMITED);
            assertThat(swapped.counterexample()).as("programs %d", i).isEqualTo(plain.counterexample());
            Orbits orbits = Orbits.of(MirroredSubject.of(subjects, groups));
            assertThat(orbits.differences()).as("programs %d", i).isEmpty();
            assertThat(orbits.sizes()).allMatch(size -> (alike == 2 ? 2 : 6) % size == 0);
            assertThat(orbits.sizes().stream().mapToInt(size -> size).sum()).isEqualTo(orbits.states());
            if (plain.violated()) {
                assertThat(orbits.violations()).isNotEmpty();
                violating++;
            } else {
                assertThat(swapped.states()).isEqualTo(orbits.sizes().size());
                assertThat(plain.states()).isEqualTo(orbits.states());
                assertThat(swapped.estimatedSchedules()).isEqualTo(plain.estimatedSchedules());
                joined += plain.states() > swapped.states() ? 1 : 0;
            }
        }
        assertThat(violating).isGreaterThan(PROGRAMS / 20);
        assertThat(joined).isGreaterThan(PROGRAMS / 4);
    }

    private static List<Op> ops(Gen gen, int most) {
        List<Op> ops = new ArrayList<>();
        Kind[] kinds = Kind.values();
        for (int left = 1 + gen.below(most); left > 0; left--) {
            Kind kind = kinds[gen.below(kinds.length)];
            int a = gen.below(kind.name().contains("LOCK") ? TinyMachine.LOCKS : TinyMachine.VARIABLES);
            ops.add(new Op(kind, a, kind == Kind.AWAIT || kind == Kind.SLEEP ? gen.below(2) : 1 + gen.below(3)));
        }
        return ops;
    }

    /** Of a state in which only one lane may go on for nothing, swaps make others; they are told apart by it. */
    @Test
    void shouldTellLanesApartWhereOneMayGoOn() {
        MirroredSubject toy = MirroredSubject.of(() -> new ToyProtocol(2, 0), users(2));
        assertThat(toy.canonicalLow(1)).isEqualTo(toy.canonicalLow(2));
        int start = toy.mark();
        toy.step(1);
        long first = toy.canonicalHigh(1);
        assertThat(toy.canonicalHigh(2)).isNotEqualTo(first);
        toy.undoTo(start);
        toy.step(2);
        assertThat(toy.canonicalHigh(2)).isEqualTo(first);
    }

    @Test
    void shouldRefuseLanesThatItDoesNotKnow() {
        assertThatThrownBy(() -> MirroredSubject.of(() -> new ToyProtocol(2, 0), users(3)))
                .isInstanceOf(NotSymmetricException.class)
                .hasMessage("there is no lane user 3");
        assertThatThrownBy(() -> MirroredSubject.of(() -> new ToyProtocol(5, 0), users(4)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> explore(
                        mirrored(() -> new ToyProtocol(2, 0), List.of(List.of("destroyer"), List.of("user 1"))),
                        true,
                        Bounds.UNLIMITED))
                .isInstanceOf(NotSymmetricException.class)
                .hasMessageStartingWith("with destroyer and user 1 swapped, ");
    }
}
