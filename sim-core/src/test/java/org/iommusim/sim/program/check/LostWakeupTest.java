package org.iommusim.sim.program.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.Variable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LostWakeupTest {
    private static final Variable COUNT = Variable.named("count");
    private static final long TIMEOUT_PS = 10_000_000;

    private final CheckedTasks tasks = new CheckedTasks();
    private final WaitQueue queue = new WaitQueue(tasks.sim.world(), "destroy_wait");
    private final IntCell count = new IntCell(tasks.sim.world(), COUNT, 1, 1);

    @BeforeEach
    void attach() {
        tasks.sim.checkers().attach(new LostWakeup(tasks.sim.checkers(), tasks.sim.violations()));
    }

    private Task sleeper(WaitQueue.Sleep mode) {
        return tasks.spawn(
                "remover",
                p -> p.await(
                        "until 0",
                        Footprint.of(COUNT),
                        f -> queue,
                        mode,
                        f -> count.get() == 0,
                        f -> TIMEOUT_PS,
                        f -> -16));
    }

    @Test
    void shouldReportAWakeUpThatPassesTheSleeperOver() {
        sleeper(WaitQueue.Sleep.UNINTERRUPTIBLE);
        tasks.spawn("putter", p -> {
            CheckedTasks.step(p, "count--", () -> count.add(-1));
            CheckedTasks.step(p, "wake", queue::wakeInterruptible);
        });
        assertThat(tasks.run()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("lost-wakeup");
            assertThat(v.message())
                    .contains("remover slept on destroy_wait")
                    .contains("the wake-up of putter in putter program: wake reached only sleepers of another mode");
        });
    }

    @Test
    void shouldReportAForgottenWakeUp() {
        sleeper(WaitQueue.Sleep.INTERRUPTIBLE);
        tasks.spawn("putter", p -> CheckedTasks.step(p, "count--", () -> count.add(-1)));
        assertThat(tasks.run())
                .singleElement()
                .satisfies(v -> assertThat(v.message()).endsWith("but nobody woke it and nobody is going to"));
    }

    @Test
    void shouldAllowAWakeUpThatReaches() {
        sleeper(WaitQueue.Sleep.UNINTERRUPTIBLE);
        tasks.spawn("putter", p -> {
            CheckedTasks.step(p, "count--", () -> count.add(-1));
            CheckedTasks.step(p, "wake", queue::wakeAll);
        });
        assertThat(tasks.run()).isEmpty();
    }

    @Test
    void shouldAllowATimeoutJustBeforeTheWakeUp() {
        sleeper(WaitQueue.Sleep.INTERRUPTIBLE);
        tasks.spawn("putter", p -> {
            CheckedTasks.step(p, "count--", () -> count.add(-1));
            p.spend("preempted", f -> 2 * TIMEOUT_PS);
            CheckedTasks.step(p, "wake", queue::wakeInterruptible);
        });
        assertThat(tasks.run()).isEmpty();
    }

    @Test
    void shouldAllowATimeoutWhoseConditionDoesNotHold() {
        sleeper(WaitQueue.Sleep.UNINTERRUPTIBLE);
        tasks.spawn("other", p -> CheckedTasks.step(p, "wake too early", queue::wakeInterruptible));
        assertThat(tasks.run()).isEmpty();
    }
}
