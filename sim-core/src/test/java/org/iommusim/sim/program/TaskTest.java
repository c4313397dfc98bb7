package org.iommusim.sim.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.ExploringChoice;
import org.iommusim.sim.time.Picoseconds;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskTest {
    private static final Variable FLAG = Variable.named("flag");
    private static final Variable OTHER = Variable.named("other");
    private static final int EINVAL = -22;
    private static final int ENOMEM = -12;

    private final List<String> steps = new ArrayList<>();
    private final TraceSink trace = new TraceSink() {
        @Override
        public void step(String lane, long timePs, String program, String step) {
            steps.add(lane + "." + step);
        }
    };
    private final FootprintCheck footprints = new FootprintCheck();
    private Simulation sim = Simulation.seeded(1).build();
    private IntCell flag = new IntCell(sim.world(), FLAG, 1, 0);

    @BeforeEach
    void setUp() {
        sim = Simulation.seeded(1).trace(trace).watcher(footprints).build();
        sim.world().record(footprints);
        flag = new IntCell(sim.world(), FLAG, 1, 0);
    }

    private final class Empty extends Frame {
        final IntCell n = count();

        Empty() {
            super(sim.world());
        }
    }

    private Call<Empty> program(Consumer<Program.Builder<Empty>> body) {
        Program.Builder<Empty> builder = Program.named("test");
        body.accept(builder);
        return new Call<>(builder.build(), new Empty());
    }

    private Task spawn(String name, Call<?> call) {
        Task task = new Task(sim.tasks(), name);
        task.run(call, error -> steps.add(name + " ended " + error));
        return task;
    }

    private static Undo<Empty> undo(String id, boolean always) {
        return always ? Undo.always(id, Footprint.LOCAL, f -> {}) : Undo.onFailure(id, Footprint.LOCAL, f -> {});
    }

    @Test
    void shouldUndoInReverseOnFailure() {
        spawn(
                "t",
                program(p -> p.take("get a", Footprint.LOCAL, f -> 0, undo("put a", true))
                        .take("get b", Footprint.LOCAL, f -> 0, undo("put b", false))
                        .check("fails", f -> false, EINVAL)
                        .step("never", Footprint.LOCAL, f -> {})));
        sim.scheduler().run();
        assertThat(steps).containsExactly("t.get a", "t.get b", "t.fails", "t.put b", "t.put a", "t ended -22");
    }

    @Test
    void shouldRunOnlyAlwaysUndosOnSuccess() {
        spawn(
                "t",
                program(p -> p.take("get a", Footprint.LOCAL, f -> 0, undo("put a", true))
                        .take("get b", Footprint.LOCAL, f -> 0, undo("put b", false))
                        .take("get c", Footprint.LOCAL, f -> 0, undo("put c", true))
                        .keep("get c")));
        sim.scheduler().run();
        assertThat(steps).containsExactly("t.get a", "t.get b", "t.get c", "t.put a", "t ended 0");
    }

    @Test
    void shouldNotUndoAStepThatFailedItself() {
        spawn("t", program(p -> p.take("get a", Footprint.LOCAL, f -> ENOMEM, undo("put a", true))));
        sim.scheduler().run();
        assertThat(steps).containsExactly("t.get a", "t ended -12");
    }

    @Test
    void shouldRunTheLadderInsteadOfTheUndos() {
        spawn(
                "t",
                program(p -> p.take("outer", Footprint.LOCAL, f -> 0, undo("undo outer", true))
                        .guarded(
                                "region",
                                body -> body.take("a", Footprint.LOCAL, f -> 0, undo("undo a", false))
                                        .take("b", Footprint.LOCAL, f -> 0, undo("undo b", false))
                                        .check("fails", f -> false, EINVAL),
                                ladder -> ladder.step("first a", Footprint.LOCAL, f -> {})
                                        .step("then b", Footprint.LOCAL, f -> {}))));
        sim.scheduler().run();
        assertThat(steps)
                .containsExactly(
                        "t.outer", "t.a", "t.b", "t.fails", "t.first a", "t.then b", "t.undo outer", "t ended -22");
    }

    @Test
    void shouldLetTheLadderReleaseTheLocksOfItsBodyOrElseTheEnd() {
        Lock first = new Lock(sim.world(), "first", Lock.Kind.MUTEX);
        Lock second = new Lock(sim.world(), "second", Lock.Kind.MUTEX);
        spawn(
                "t",
                program(p -> p.guarded(
                        "region",
                        body -> body.lock("lock first", f -> first)
                                .lock("lock second", f -> second)
                                .check("fails", f -> false, EINVAL),
                        ladder -> ladder.undoNow("lock first").step("rung", Footprint.LOCAL, f -> {}))));
        sim.scheduler().run();
        assertThat(steps)
                .containsExactly(
                        "t.lock first",
                        "t.lock second",
                        "t.fails",
                        "t.unlock first",
                        "t.rung",
                        "t.unlock second",
                        "t ended -22");
        assertThat(first.held() || second.held()).isFalse();
    }

    @Test
    void shouldKeepWhatAGuardedStretchCollectedWhenItSucceeds() {
        spawn(
                "t",
                program(p -> p.guarded(
                                "region",
                                body -> body.take("a", Footprint.LOCAL, f -> 0, undo("undo a", false)),
                                ladder -> ladder.step("ladder", Footprint.LOCAL, f -> {}))
                        .check("fails", f -> false, EINVAL)));
        sim.scheduler().run();
        assertThat(steps).containsExactly("t.a", "t.fails", "t.undo a", "t ended -22");
    }

    @Test
    void shouldBranchLoopAndCall() {
        Program<Empty> callee = Program.<Empty>named("callee")
                .step("in callee", Footprint.LOCAL, f -> {})
                .build();
        spawn(
                "t",
                program(p -> p.loop(
                                "three times",
                                f -> f.n.get() < 3,
                                body -> body.step("count", Footprint.LOCAL, f -> f.n.add(1)))
                        .either(
                                "n is 3",
                                f -> f.n.get() == 3,
                                yes -> yes.invoke("call", f -> new Call<>(callee, f)),
                                no -> no.step("no", Footprint.LOCAL, f -> {}))
                        .when("n is 4", f -> f.n.get() == 4, then -> then.step("never", Footprint.LOCAL, f -> {}))
                        .branch(
                                "flag is clear",
                                Footprint.of(FLAG),
                                f -> flag.get() == 0,
                                then -> then.step("then", Footprint.LOCAL, f -> {}))));
        sim.scheduler().run();
        assertThat(steps)
                .containsExactly(
                        "t.count",
                        "t.count",
                        "t.count",
                        "t.call",
                        "t.in callee",
                        "t.flag is clear",
                        "t.then",
                        "t ended 0");
    }

    @Test
    void shouldPassACalleesErrorOnUnlessIgnored() {
        Call<?> failing = program(p -> p.check("no", f -> false, ENOMEM));
        Call<?> failingToo = program(p -> p.check("no", f -> false, ENOMEM));
        spawn(
                "t",
                program(p -> p.invokeIgnoringError("try", f -> failing)
                        .invoke("must", f -> failingToo)
                        .step("never", Footprint.LOCAL, f -> {})));
        sim.scheduler().run();
        assertThat(steps).containsExactly("t.try", "t.no", "t.must", "t.no", "t ended -12");
    }

    @Test
    void shouldRunAnUndoThatIsAProgramBeforeAnInvoke() {
        Call<?> put = program(p -> p.step("put", Footprint.LOCAL, f -> {}));
        Call<?> other = program(p -> p.step("other", Footprint.LOCAL, f -> {}));
        spawn(
                "t",
                program(p -> p.take("get", Footprint.LOCAL, f -> 0, Undo.alwaysCall("put now", f -> put))
                        .undoNow("get")
                        .invoke("call", f -> other)));
        sim.scheduler().run();
        assertThat(steps).containsExactly("t.get", "t.put now", "t.put", "t.call", "t.other", "t ended 0");
    }

    @Test
    void shouldHandAMutexToWaitersInOrder() {
        Lock lock = new Lock(sim.world(), "m", Lock.Kind.MUTEX);
        for (String name : List.of("a", "b", "c")) {
            spawn(
                    name,
                    program(p -> p.lock("lock", f -> lock).step("inside", HostCost.ALLOCATE, Footprint.LOCAL, f -> {
                        assertThat(lock.held()).isTrue();
                    })));
        }
        sim.scheduler().run();
        assertThat(steps.stream().filter(s -> s.endsWith("inside")))
                .containsExactly("a.inside", "b.inside", "c.inside");
        assertThat(lock.held()).isFalse();
    }

    /**
     * One task holds a lock and releases it; the other one takes it next and frees it; then the first one goes on.
     *
     * @param waits whether the second task comes while the first one holds the lock, or as soon as it does not
     */
    private List<String> freeAfterRelease(Lock.Kind kind, boolean waits) {
        boolean[] inside = new boolean[1];
        boolean[] second = new boolean[1];
        Lock[] lock = new Lock[1];
        sim = Simulation.seeded(1)
                .choice(new ExploringChoice(alternatives -> {
                    second[0] |= inside[0] && (waits || !lock[0].held());
                    return second[0] ? alternatives - 1 : 0;
                }))
                .build();
        lock[0] = new Lock(sim.world(), "m", kind);
        spawn(
                "first",
                program(p -> p.lock("lock", f -> lock[0])
                        .step("inside", Footprint.LOCAL, f -> inside[0] = true)
                        .undoNow("lock")
                        .step("outside", Footprint.LOCAL, f -> {})));
        spawn(
                "second",
                program(p -> p.lock("lock", f -> lock[0])
                        .undoNow("lock")
                        .step("free", Footprint.LOCAL, f -> lock[0].free(new FreedBy("second", "test", "free")))));
        sim.scheduler().run();
        return sim.violations().violations().stream().map(Violation::message).toList();
    }

    @Test
    void shouldTouchALockAfterItsReleaseOnlyIfSomebodyHasWaited() {
        String late = "first last touches m after it was freed by second in test: free";
        assertThat(freeAfterRelease(Lock.Kind.MUTEX, true)).containsExactly(late);
        assertThat(freeAfterRelease(Lock.Kind.RW_SEMAPHORE, true)).containsExactly(late);
        assertThat(freeAfterRelease(Lock.Kind.SPIN, true)).isEmpty();
        assertThat(freeAfterRelease(Lock.Kind.MUTEX, false)).isEmpty();
    }

    @Test
    void shouldShareARwSemaphoreBetweenReaders() {
        Lock sem = new Lock(sim.world(), "rw", Lock.Kind.RW_SEMAPHORE);
        IntCell inside = new IntCell(sim.world(), OTHER, 1, 0);
        IntCell most = new IntCell(sim.world(), OTHER, 2, 0);
        for (String name : List.of("r1", "r2")) {
            spawn(
                    name,
                    program(p -> p.lockShared("read", f -> sem)
                            .step("in", HostCost.ALLOCATE, Footprint.of(OTHER), f -> {
                                most.set(Math.max(most.get(), inside.add(1)));
                            })
                            .step("out", HostCost.ALLOCATE, Footprint.of(OTHER), f -> inside.add(-1))));
        }
        spawn(
                "w",
                program(p -> p.lock("write", f -> sem)
                        .step(
                                "alone",
                                Footprint.of(OTHER),
                                f -> assertThat(inside.get()).isZero())));
        sim.scheduler().run();
        assertThat(most.get()).isEqualTo(2);
        assertThat(steps).contains("w.alone");
    }

    @Test
    void shouldSleepUntilWokenWithTheConditionTrue() {
        WaitQueue queue = new WaitQueue(sim.world(), "q");
        spawn(
                "sleeper",
                program(p -> p.await(
                        "wait", Footprint.of(FLAG), f -> queue, WaitQueue.Sleep.INTERRUPTIBLE, f -> flag.get() == 2)));
        spawn(
                "waker",
                program(p -> p.spend("later", f -> Picoseconds.US)
                        .step("set 1", Footprint.of(FLAG), f -> flag.set(1))
                        .step("wake", Footprint.LOCAL, f -> queue.wakeInterruptible())
                        .spend("more", f -> Picoseconds.MS)
                        .step("set 2", Footprint.of(FLAG), f -> flag.set(2))
                        .step("wake again", Footprint.LOCAL, f -> queue.wakeInterruptible())));
        sim.scheduler().run();
        assertThat(steps.indexOf("sleeper ended 0")).isGreaterThan(steps.indexOf("waker.wake again"));
    }

    @Test
    void shouldNotReachAnUninterruptibleSleeperWithAnInterruptibleWake() {
        WaitQueue queue = new WaitQueue(sim.world(), "q");
        spawn(
                "sleeper",
                program(p -> p.await(
                        "wait",
                        Footprint.of(FLAG),
                        f -> queue,
                        WaitQueue.Sleep.UNINTERRUPTIBLE,
                        f -> flag.get() == 1,
                        f -> 60 * Picoseconds.S,
                        f -> EINVAL)));
        spawn(
                "waker",
                program(p -> p.step("set", Footprint.of(FLAG), f -> flag.set(1))
                        .step("wake", Footprint.LOCAL, f -> queue.wakeInterruptible())));
        sim.scheduler().run();
        // The condition was true all the time: found at the timeout, a minute later. This is the kernel's J111.
        assertThat(steps).contains("sleeper.wait (at timeout)", "sleeper ended 0");
        assertThat(sim.now()).isGreaterThanOrEqualTo(60 * Picoseconds.S);
    }

    @Test
    void shouldTimeOut() {
        WaitQueue queue = new WaitQueue(sim.world(), "q");
        spawn(
                "sleeper",
                program(p -> p.await(
                        "wait",
                        Footprint.of(FLAG),
                        f -> queue,
                        WaitQueue.Sleep.INTERRUPTIBLE,
                        f -> flag.get() == 1,
                        f -> Picoseconds.S,
                        f -> EINVAL)));
        sim.scheduler().run();
        assertThat(steps).containsExactly("sleeper.wait", "sleeper.wait timed out", "sleeper ended -22");
    }

    @Test
    void shouldLetAWakeUpUnderWayDecideAboutATimeout() {
        WaitQueue queue = new WaitQueue(sim.world(), "q");
        long wakeUp = sim.costs().ps(HostCost.WAKE_UP);
        spawn(
                "sleeper",
                program(p -> p.await(
                        "wait",
                        Footprint.of(FLAG),
                        f -> queue,
                        WaitQueue.Sleep.INTERRUPTIBLE,
                        f -> flag.get() == 1,
                        f -> wakeUp,
                        f -> EINVAL)));
        spawn(
                "waker",
                program(p -> p.spend("half way", f -> wakeUp / 2)
                        .step("wake for nothing", Footprint.LOCAL, f -> queue.wakeInterruptible())));
        sim.scheduler().run();
        assertThat(steps).endsWith("sleeper.wait timed out", "sleeper ended -22");
    }

    @Test
    void shouldReportSleepingWithASpinlockHeld() {
        Lock spin = new Lock(sim.world(), "xa_lock", Lock.Kind.SPIN);
        Lock mutex = new Lock(sim.world(), "mutex", Lock.Kind.MUTEX);
        spawn("t", program(p -> p.lock("spin", f -> spin).lock("sleep", f -> mutex)));
        sim.scheduler().run();
        assertThat(sim.violations().violations())
                .singleElement()
                .satisfies(v -> assertThat(v.checker()).isEqualTo("sleep-in-atomic"));
    }

    @Test
    void shouldRefuseToTakeALockTwice() {
        Lock mutex = new Lock(sim.world(), "mutex", Lock.Kind.MUTEX);
        spawn("t", program(p -> p.lock("once", f -> mutex).lock("twice", f -> mutex)));
        assertThatThrownBy(() -> sim.scheduler().run())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("takes mutex again");
    }

    @Test
    void shouldSayWhatADeadlockedTaskWaitsFor() {
        Lock a = new Lock(sim.world(), "lock a", Lock.Kind.MUTEX);
        Lock b = new Lock(sim.world(), "lock b", Lock.Kind.MUTEX);
        Task ab = spawn("ab", program(p -> p.lock("a", f -> a).lock("b", f -> b)));
        Task ba = spawn("ba", program(p -> p.lock("b", f -> b).lock("a", f -> a)));
        sim.scheduler().run();
        assertThat(ab.waitingFor()).isEqualTo("lock lock b");
        assertThat(ba.waitingFor()).isEqualTo("lock lock a");
        assertThat(ab.idle()).isFalse();
    }

    @Test
    void shouldFindAStepThatTouchesWhatItDidNotDeclare() {
        IntCell other = new IntCell(sim.world(), OTHER, 1, 0);
        spawn(
                "t",
                program(p -> p.step("honest", Footprint.of(FLAG), f -> flag.set(1))
                        .step("liar", Footprint.of(FLAG), f -> other.get())));
        sim.scheduler().run();
        assertThat(footprints.undeclared()).containsExactly("test: liar touches other");
    }

    @Test
    void shouldRefuseTwoStepsOfOneName() {
        assertThatThrownBy(() ->
                        program(p -> p.step("same", Footprint.LOCAL, f -> {}).step("same", Footprint.LOCAL, f -> {})))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two steps called 'same'");
    }

    @Test
    void shouldRefuseAReferenceToAStepThatIsNotThere() {
        assertThatThrownBy(() -> program(p -> p.undoNow("get")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no step called 'get'");
    }

    @Test
    void shouldUndoInALoopWhatTheRoundBeforeCollected() {
        Lock lock = new Lock(sim.world(), "m", Lock.Kind.MUTEX);
        spawn(
                "t",
                program(p -> p.loop(
                        "three times",
                        f -> f.n.get() < 3,
                        body -> body.undoNow("again")
                                .lock("again", f -> lock)
                                .step("count", Footprint.LOCAL, f -> f.n.add(1)))));
        sim.scheduler().run();
        assertThat(lock.held()).isFalse();
        assertThat(steps).containsSubsequence("t.again", "t.count", "t.unlock m", "t.again", "t ended 0");
    }

    @Test
    void shouldTakeTimeByThePriceList() {
        spawn(
                "t",
                program(p -> p.step("alloc", HostCost.ALLOCATE, Footprint.LOCAL, f -> {})
                        .spend("exactly", f -> 77)));
        sim.scheduler().run();
        assertThat(sim.now()).isEqualTo(HostCosts.DEFAULT.ps(HostCost.ALLOCATE) + 77);
    }
}
