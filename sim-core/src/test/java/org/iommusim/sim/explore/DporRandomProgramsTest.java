package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.explore.TinyMachine.Kind;
import org.iommusim.sim.explore.TinyMachine.Op;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

/** The reduced searches reach exactly the traces and the violations of the naive one, on random programs. */
class DporRandomProgramsTest {
    private static final int PROGRAMS = Integer.getInteger("iommusim.explore.programs", 600);
    private static final long MOST_SCHEDULES = 20_000;

    /** One operation of one task. */
    private record Placed(int task, Op op) {}

    private int compared;
    private int violating;
    private long schedules;
    private long traces;

    @Test
    void shouldAgreeWithVariablesAndLocks() {
        agree(
                "locks",
                0,
                Kind.READ,
                Kind.WRITE,
                Kind.ADD,
                Kind.LOCK,
                Kind.UNLOCK,
                Kind.LOCK,
                Kind.UNLOCK,
                Kind.WRONG_IF);
    }

    @Test
    void shouldAgreeWithSpinLocks() {
        agree(
                "spin",
                0,
                Kind.READ,
                Kind.SET,
                Kind.SPIN_LOCK,
                Kind.SPIN_UNLOCK,
                Kind.SPIN_LOCK,
                Kind.SPIN_UNLOCK,
                Kind.LOCK);
    }

    @Test
    void shouldAgreeWithSleepersAndTimeoutsWhereStuck() {
        agree("stuck", 0, Kind.AWAIT, Kind.WAKE, Kind.SET, Kind.SLEEP, Kind.SKIP_IF, Kind.LOCK, Kind.READ);
    }

    @Test
    void shouldAgreeWithTimeoutsAtAnyTime() {
        agree("budget 1", 1, Kind.AWAIT, Kind.WAKE, Kind.SET, Kind.SLEEP, Kind.SKIP_IF, Kind.ADD);
        agree("budget 2", 2, Kind.AWAIT, Kind.WAKE, Kind.SET, Kind.SLEEP, Kind.READ);
    }

    @Test
    void shouldAgreeWithADevice() {
        agree(
                "device",
                0,
                Kind.HAND,
                Kind.READ,
                Kind.AWAIT,
                Kind.WAKE,
                Kind.SET,
                Kind.WRONG_IF,
                Kind.LOCK,
                Kind.UNLOCK);
    }

    @Test
    void shouldAgreeWithEverything() {
        agree("everything", 0, Kind.values());
        agree("everything", 1, Kind.values());
    }

    private void agree(String name, int timeouts, Kind... kinds) {
        for (int i = 0; i < PROGRAMS; i++) {
            Gen.check(name.hashCode() + i, gen -> programs(gen, kinds), placed -> compare(placed, timeouts));
        }
        assertThat(compared).as("programs that the naive search can do").isGreaterThan(PROGRAMS / 2);
        assertThat(violating).as("programs with violations").isGreaterThan(PROGRAMS / 20);
        assertThat(traces).as("traces are fewer than schedules").isLessThan(schedules / 2);
    }

    private static List<Placed> programs(Gen gen, Kind... kinds) {
        int tasks = 2 + gen.below(2);
        int most = tasks == 2 ? 10 : 9;
        return gen.list(3 + gen.below(most - 2), g -> placed(g, tasks, kinds));
    }

    private static Placed placed(Gen gen, int tasks, Kind... kinds) {
        Kind kind = kinds[gen.below(kinds.length)];
        boolean lock = kind.name().contains("LOCK");
        int a = gen.below(lock ? TinyMachine.LOCKS : TinyMachine.VARIABLES);
        int b = kind == Kind.AWAIT || kind == Kind.SLEEP ? gen.below(2) : 1 + gen.below(3);
        return new Placed(gen.below(tasks), new Op(kind, a, b));
    }

    private void compare(List<Placed> placed, int timeouts) {
        List<List<Op>> programs = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        placed.forEach(p -> programs.get(p.task).add(p.op));
        Traces naive = DporDifferentialTest.naive(
                () -> new TinyMachine(programs, timeouts), Bounds.unlimited().withMaxSchedules(MOST_SCHEDULES));
        if (naive.schedules < MOST_SCHEDULES) {
            DporDifferentialTest.compareWith(naive, () -> new TinyMachine(programs, timeouts));
            compared++;
            violating += naive.violations.isEmpty() ? 0 : 1;
            schedules += naive.schedules;
            traces += naive.traces.size();
        }
    }
}
