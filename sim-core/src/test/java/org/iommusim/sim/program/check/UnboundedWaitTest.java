package org.iommusim.sim.program.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.WaitQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnboundedWaitTest {
    private final CheckedTasks tasks = new CheckedTasks();
    private final Lock mutex = tasks.mutex("igroup->lock");

    @BeforeEach
    void attach() {
        tasks.sim.checkers().attach(new UnboundedWait(tasks.sim.checkers(), tasks.sim.violations()));
    }

    private void sleeps(String name, WaitQueue queue) {
        tasks.spawn(
                name,
                p -> p.lock("igroup->lock", f -> mutex)
                        .await("sleeps", Footprint.LOCAL, f -> queue, WaitQueue.Sleep.UNINTERRUPTIBLE, f -> false));
    }

    @Test
    void shouldReportWhoWaitsForASleeperButNotWhoSleepsForAUser() {
        sleeps("ioctl", WaitQueue.outside(tasks.sim.world(), "a user page"));
        tasks.spawn("unbind", p -> p.spend("later", f -> 1_000_000).lock("igroup->lock", f -> mutex));
        assertThat(tasks.run()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("unbounded-wait");
            assertThat(v.message())
                    .isEqualTo("unbind waits for ever for igroup->lock in unbind program: igroup->lock,"
                            + " held by ioctl in ioctl program: sleeps");
        });
    }

    @Test
    void shouldReportASleeperWhomNobodyCanWake() {
        sleeps("remover", new WaitQueue(tasks.sim.world(), "destroy_wait"));
        assertThat(tasks.run())
                .singleElement()
                .satisfies(v -> assertThat(v.message())
                        .isEqualTo("remover sleeps for ever on destroy_wait in remover program: sleeps:"
                                + " nobody can make its condition hold"));
    }

    @Test
    void shouldAllowAnEndAtWhichNobodyWaits() {
        tasks.spawn("t1", p -> p.lock("igroup->lock", f -> mutex));
        tasks.spawn("t2", p -> p.lock("igroup->lock", f -> mutex));
        assertThat(tasks.run()).isEmpty();
    }
}
