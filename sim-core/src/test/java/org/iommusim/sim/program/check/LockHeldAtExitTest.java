package org.iommusim.sim.program.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Lock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LockHeldAtExitTest {
    private final CheckedTasks tasks = new CheckedTasks();
    private final Lock mutex = tasks.mutex("igroup->lock");

    @BeforeEach
    void attach() {
        tasks.sim.checkers().attach(new LockHeldAtExit(tasks.sim.checkers(), tasks.sim.violations()));
    }

    @Test
    void shouldReportALockThatAnErrorPathForgets() {
        tasks.spawn(
                "vmm",
                p -> p.lock("igroup->lock", f -> mutex).keep("igroup->lock").finish("EINVAL", f -> -22));
        assertThat(tasks.run()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("lock-held-at-exit");
            assertThat(v.message()).startsWith("vmm has ended with answer -22 and still holds igroup->lock");
        });
    }

    @Test
    void shouldAllowALockThatIsReleasedByTheEnd() {
        tasks.spawn("vmm", p -> p.lock("igroup->lock", f -> mutex).finish("EINVAL", f -> -22));
        tasks.spawn("other", p -> p.lock("igroup->lock", f -> mutex).undoNow("igroup->lock"));
        assertThat(tasks.run()).isEmpty();
    }
}
