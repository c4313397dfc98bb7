package org.iommusim.sim.program.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Lock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeadlockTest {
    private final CheckedTasks tasks = new CheckedTasks();
    private final Lock a = tasks.mutex("a");
    private final Lock b = tasks.mutex("b");
    private final Lock c = new Lock(tasks.sim.world(), "c", Lock.Kind.RW_SEMAPHORE);

    @BeforeEach
    void attach() {
        tasks.sim.checkers().attach(new Deadlock(tasks.sim.checkers(), tasks.sim.violations()));
    }

    @Test
    void shouldNameTheCircleOfThreeWithAReaderInIt() {
        tasks.spawn("t1", p -> p.lock("a", f -> a).spend("late", f -> 1_000_000).lock("b", f -> b));
        tasks.spawn("t2", p -> p.lock("b", f -> b).spend("late", f -> 2_000_000).lock("c", f -> c));
        tasks.spawn(
                "t3",
                p -> p.lockShared("c", f -> c).spend("late", f -> 3_000_000).lock("a", f -> a));
        assertThat(tasks.run()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("deadlock");
            assertThat(v.message())
                    .isEqualTo("t3 waits for a, which t1 holds, who waits for b, which t2 holds,"
                            + " who waits for c, which t3 holds");
            assertThat(v.scene()).extracting(s -> s.task()).containsExactly("t3", "t1", "t2");
            assertThat(v.scene().get(1).holds()).containsExactly("a");
        });
    }

    @Test
    void shouldAllowWaitingInOneOrder() {
        tasks.spawn("t1", p -> p.lock("a", f -> a).spend("late", f -> 1_000_000).lock("b", f -> b));
        tasks.spawn("t2", p -> p.lock("a", f -> a).spend("late", f -> 1_000_000).lock("b", f -> b));
        assertThat(tasks.run()).isEmpty();
    }
}
