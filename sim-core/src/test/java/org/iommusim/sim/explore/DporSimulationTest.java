package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.explore.TinyMachine.Kind;
import org.iommusim.sim.explore.TinyMachine.Op;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.world.PlainState;
import org.junit.jupiter.api.Test;

/** The reduced searches reach exactly the traces and the violations of the naive one on simulations of random programs. */
class DporSimulationTest {
    private static final int PROGRAMS = Integer.getInteger("iommusim.explore.simulations", 100);
    private static final long MOST_SCHEDULES = 5_000;

    private record Placed(int task, Op op) {}

    private int compared;
    private int violating;

    @Test
    void shouldAgreeWithLocks() {
        agree("locks", 0, Kind.READ, Kind.WRITE, Kind.ADD, Kind.LOCK, Kind.LOCK, Kind.UNLOCK, Kind.WRONG_IF);
    }

    @Test
    void shouldAgreeWithSleepersAndTimeoutsWhereStuck() {
        agree("stuck", 0, Kind.AWAIT, Kind.WAKE, Kind.SET, Kind.READ, Kind.LOCK);
    }

    @Test
    void shouldAgreeWithTimeoutsAtAnyTime() {
        agree("budget", 1, Kind.AWAIT, Kind.WAKE, Kind.SET, Kind.ADD);
    }

    @Test
    void shouldAgreeWithADevice() {
        agree("device", 0, Kind.HAND, Kind.READ, Kind.AWAIT, Kind.WAKE, Kind.SET, Kind.WRONG_IF);
    }

    private static final class Box {
        long value;
    }

    /** Who touches a plain field is not recorded, and yet both orders are run. */
    @Test
    void shouldKeepAllOrdersOfWhatIsNotInCells() {
        Exploration result =
                new SourceDpor().explore(DporSimulationTest::plainSystem, Bounds.unlimited(), ExploreProgress.NONE);
        assertThat(result.counterexample()).isNotNull();
        assertThat(result.counterexample().lanes()).containsExactly(0, 1);
    }

    private static Subject plainSystem() {
        Simulation simulation = Simulation.seeded(1).build();
        Box box = new Box();
        Scheduler scheduler = simulation.scheduler();
        scheduler.after(scheduler.newLane("one", Phase.HARDWARE), 1, (op, arg) -> box.value = 2 * box.value + 1, 0, 0);
        scheduler.after(scheduler.newLane("two", Phase.HARDWARE), 1, (op, arg) -> box.value = 3 * box.value, 0, 0);
        SimulationSubject.Judge judge = SimulationSubject.Judge.of(
                () -> box.value == 1 ? List.of() : List.of(new Violation(0, "box", "it holds " + box.value)),
                violation -> false);
        return new SimulationSubject(simulation, judge, 0, new PlainState(List.of(box), type -> type == Box.class));
    }

    /** Between two events of a lane that touch only what is not in cells another lane may do so too. */
    @Test
    void shouldRunOtherLanesBetweenEventsThatTouchOnlyWhatIsNotInCells() {
        Exploration all =
                new NaiveSearch().explore(DporSimulationTest::twoEventsEach, Bounds.unlimited(), ExploreProgress.NONE);
        assertThat(all.schedules()).isEqualTo(6);
    }

    private static Subject twoEventsEach() {
        Simulation simulation = Simulation.seeded(1).build();
        Box box = new Box();
        Scheduler scheduler = simulation.scheduler();
        for (String name : List.of("one", "two")) {
            Lane lane = scheduler.newLane(name, Phase.HARDWARE);
            scheduler.after(lane, 1, (op, arg) -> box.value++, 0, 0);
            scheduler.after(lane, 1, (op, arg) -> box.value *= 2, 0, 0);
        }
        SimulationSubject.Judge judge = SimulationSubject.Judge.of(List::of, violation -> false);
        return new SimulationSubject(simulation, judge, 0, new PlainState(List.of(box), type -> type == Box.class));
    }

    private void agree(String name, int timeouts, Kind... kinds) {
        for (int i = 0; i < PROGRAMS; i++) {
            Gen.check(name.hashCode() + i, gen -> programs(gen, kinds), placed -> compare(placed, timeouts));
        }
        assertThat(compared).as("programs that the naive search can do").isGreaterThan(PROGRAMS / 3);
        assertThat(violating).as("programs with violations").isPositive();
    }

    private static List<Placed> programs(Gen gen, Kind... kinds) {
        int tasks = 2 + gen.below(2);
        return gen.list(3 + gen.below(6), g -> placed(g, tasks, kinds));
    }

    private static Placed placed(Gen gen, int tasks, Kind... kinds) {
        Kind kind = kinds[gen.below(kinds.length)];
        boolean lock = kind == Kind.LOCK || kind == Kind.UNLOCK;
        int a = gen.below(lock ? TinyMachine.LOCKS : TinyMachine.VARIABLES);
        return new Placed(gen.below(tasks), new Op(kind, a, kind == Kind.AWAIT ? gen.below(2) : 1 + gen.below(3)));
    }

    private void compare(List<Placed> placed, int timeouts) {
        List<List<Op>> programs = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        placed.forEach(p -> programs.get(p.task).add(p.op));
        Traces naive = DporDifferentialTest.naive(
                () -> new ProgramSystem(programs, timeouts).subject,
                Bounds.unlimited().withMaxSchedules(MOST_SCHEDULES));
        if (naive.schedules < MOST_SCHEDULES) {
            DporDifferentialTest.compareWith(naive, () -> new ProgramSystem(programs, timeouts).subject);
            compared++;
            violating += naive.violations.isEmpty() ? 0 : 1;
        }
    }
}
