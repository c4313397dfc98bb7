package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Supplier;
import org.iommusim.sim.explore.TinyMachine.Kind;
import org.iommusim.sim.explore.TinyMachine.Op;
import org.junit.jupiter.api.Test;

/** The reduced searches reach exactly the traces and the violations of the naive one, each trace once. */
class DporDifferentialTest {

    static Traces naive(Supplier<? extends Subject> subjects, Bounds bounds) {
        Traces traces = new Traces(subjects.get());
        new NaiveSearch(traces).explore(subjects, bounds, ExploreProgress.NONE);
        return traces;
    }

    static Traces reduced(Supplier<? extends Subject> subjects, boolean sleepSetsOnly) {
        Traces traces = new Traces(subjects.get());
        new SourceDpor(sleepSetsOnly, traces).explore(subjects, Bounds.unlimited(), ExploreProgress.NONE);
        return traces;
    }

    /** Compares, and gives what the naive search reached. */
    static Traces compare(Supplier<? extends Subject> subjects) {
        Traces naive = naive(subjects, Bounds.unlimited());
        compareWith(naive, subjects);
        return naive;
    }

    static void compareWith(Traces naive, Supplier<? extends Subject> subjects) {
        for (boolean sleepSetsOnly : new boolean[] {true, false}) {
            Traces reduced = reduced(subjects, sleepSetsOnly);
            assertThat(reduced.violations).isEqualTo(naive.violations);
            assertThat(reduced.traces).isEqualTo(naive.traces);
            assertThat(reduced.schedules).as("each trace once").isEqualTo(reduced.traces.size());
        }
    }

    @Test
    void shouldReachAllTracesOfTheToyProtocol() {
        Traces naive = compare(() -> new ToyProtocol(2, 0));
        assertThat(naive.schedules).isEqualTo(26_444);
        assertThat(naive.traces).hasSize(74);
        assertThat(naive.violations).isEmpty();
    }

    @Test
    void shouldReachAllViolationsOfTheToyProtocolWithBugs() {
        for (int bug = 1; bug <= 2; bug++) {
            int which = bug;
            assertThat(compare(() -> new ToyProtocol(2, which)).violations).hasSize(2);
        }
    }

    @Test
    void shouldAgreeWithSleepSetsWhereTheNaiveSearchIsTooSlow() {
        Traces sleeping = reduced(() -> new ToyProtocol(3, 0), true);
        Traces source = reduced(() -> new ToyProtocol(3, 0), false);
        assertThat(source.traces).isEqualTo(sleeping.traces).hasSize(9_642);
        assertThat(source.schedules).isEqualTo(9_642);
    }

    @Test
    void shouldFindTheDeadlockOfTwoLocksTakenInTwoOrders() {
        List<Op> one = List.of(lock(0), lock(1), Op.of(Kind.ADD, 0), unlock(1), unlock(0));
        List<Op> two = List.of(lock(1), lock(0), Op.of(Kind.ADD, 0), unlock(0), unlock(1));
        Traces traces = compare(machine(0, List.of(one, two)));
        assertThat(traces.violations).hasSize(1);
    }

    @Test
    void shouldFindTheDeadlockOfSpinLocks() {
        List<Op> one = List.of(spin(0), spin(1), Op.of(Kind.ADD, 0), unspin(1), unspin(0));
        List<Op> two = List.of(Op.of(Kind.READ, 1), spin(1), spin(0), unspin(0), unspin(1));
        List<Op> three = List.of(Op.of(Kind.ADD, 1), spin(1), unspin(1));
        assertThat(compare(machine(0, List.of(one, two, three))).violations).isNotEmpty();
    }

    @Test
    void shouldReachAllOrdersOfAFairLock() {
        List<Op> task = List.of(Op.of(Kind.READ, 1), lock(0), Op.of(Kind.ADD, 0), unlock(0), Op.of(Kind.READ, 2));
        List<Op> writer = List.of(lock(0), unlock(0), Op.of(Kind.ADD, 2));
        Traces traces = compare(machine(0, List.of(task, task, writer)));
        assertThat(traces.violations).isEmpty();
    }

    /** The flag is set between the look at it and the sleep: the wake-up finds nobody. */
    @Test
    void shouldFindTheLostWakeUp() {
        List<Op> sleeper = List.of(Op.of(Kind.SKIP_IF, 0), Op.of(Kind.SLEEP, 0), Op.of(Kind.READ, 0));
        List<Op> waker = List.of(new Op(Kind.SET, 0, 1), Op.of(Kind.WAKE, 0));
        assertThat(compare(machine(0, List.of(sleeper, waker))).violations).hasSize(1);
        List<Op> careful = List.of(Op.of(Kind.AWAIT, 0), Op.of(Kind.READ, 0));
        assertThat(compare(machine(0, List.of(careful, waker))).violations).isEmpty();
        assertThat(compare(machine(0, List.of(careful, careful, waker))).violations)
                .isEmpty();
    }

    /** With a timer the lost wake-up ends in a timeout, which is possible only where nothing else is. */
    @Test
    void shouldReachTimeoutsWhereNothingElseCanGoOn() {
        List<Op> sleeper = List.of(Op.of(Kind.SKIP_IF, 0), new Op(Kind.SLEEP, 0, 1), Op.of(Kind.ADD, 1));
        List<Op> waker = List.of(new Op(Kind.SET, 0, 1), Op.of(Kind.WAKE, 0), Op.of(Kind.READ, 1));
        assertThat(compare(machine(0, List.of(sleeper, waker))).violations).isEmpty();
        assertThat(compare(machine(0, List.of(sleeper, sleeper, waker))).violations)
                .isEmpty();
        List<Op> judge = List.of(new Op(Kind.AWAIT, 2, 1), new Op(Kind.WRONG_IF, 1, 0), Op.of(Kind.ADD, 2));
        assertThat(compare(machine(0, List.of(sleeper, judge, waker))).violations)
                .isNotEmpty();
    }

    @Test
    void shouldReachTimeoutsAtAnyTimeWithinTheirBudget() {
        List<Op> sleeper = List.of(new Op(Kind.AWAIT, 0, 1), Op.of(Kind.ADD, 1));
        List<Op> waker = List.of(Op.of(Kind.READ, 1), new Op(Kind.SET, 0, 1), Op.of(Kind.WAKE, 0));
        for (int budget = 1; budget <= 2; budget++) {
            assertThat(compare(machine(budget, List.of(sleeper, waker))).violations)
                    .isEmpty();
            assertThat(compare(machine(budget, List.of(sleeper, sleeper, waker))).violations)
                    .isEmpty();
        }
    }

    /** The device works in the order in which work was handed to it, and later than that. */
    @Test
    void shouldReachAllOrdersOfWorkHandedToADevice() {
        List<Op> one = List.of(new Op(Kind.HAND, 0, 1), new Op(Kind.HAND, 0, 2), Op.of(Kind.READ, 0));
        List<Op> two = List.of(new Op(Kind.HAND, 0, 3), new Op(Kind.WRONG_IF, 0, 2));
        assertThat(compare(machine(0, List.of(one, two))).violations).hasSize(1);
    }

    @Test
    void shouldRefuseBoundsOnPreemptions() {
        assertThatThrownBy(() -> new SourceDpor()
                        .explore(
                                () -> new ToyProtocol(2, 0),
                                Bounds.unlimited().withPreemptions(1),
                                ExploreProgress.NONE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("would miss schedules");
    }

    @Test
    void shouldRefuseSchedulesThatAreTooLong() {
        assertThatThrownBy(() -> new SourceDpor()
                        .explore(
                                () -> new ToyProtocol(2, 0), Bounds.unlimited().withMaxDepth(20), ExploreProgress.NONE))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("longer than 20 transitions");
    }

    @Test
    void shouldSayWhatEndedIt() {
        Exploration cancelled =
                new SourceDpor().explore(() -> new ToyProtocol(3, 0), Bounds.unlimited(), NaiveSearchTest.stopAtOnce());
        assertThat(cancelled.stop()).isEqualTo(Exploration.Stop.CANCELLED);
        assertThat(cancelled.exhaustive()).isFalse();
        assertThat(cancelled.transitions()).isLessThan(1_000);
        Exploration few = new SourceDpor()
                .explore(() -> new ToyProtocol(3, 0), Bounds.unlimited().withMaxSchedules(100), ExploreProgress.NONE);
        assertThat(few.stop()).isEqualTo(Exploration.Stop.SCHEDULES);
        assertThat(few.schedules()).isEqualTo(100);
        assertThat(few.completedPreemptions()).isEqualTo(-1);
    }

    private static Supplier<Subject> machine(int timeouts, List<List<Op>> programs) {
        return () -> new TinyMachine(programs, timeouts);
    }

    private static Op lock(int lock) {
        return Op.of(Kind.LOCK, lock);
    }

    private static Op unlock(int lock) {
        return Op.of(Kind.UNLOCK, lock);
    }

    private static Op spin(int lock) {
        return Op.of(Kind.SPIN_LOCK, lock);
    }

    private static Op unspin(int lock) {
        return Op.of(Kind.SPIN_UNLOCK, lock);
    }
}
