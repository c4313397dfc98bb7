package org.iommusim.sim.program.check;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.WaitQueue;
import org.junit.jupiter.api.Test;

class SleepInAtomicTest {
    private final CheckedTasks tasks = new CheckedTasks();
    private final Lock spin = tasks.spinlock("xa_lock");
    private final Lock mutex = tasks.mutex("igroup->lock");

    @Test
    void shouldReportAMutexTakenUnderASpinlock() {
        tasks.spawn("vmm", p -> p.lock("spin", f -> spin).lock("sleeps", f -> mutex));
        assertThat(tasks.run()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("sleep-in-atomic");
            assertThat(v.message()).isEqualTo("vmm takes igroup->lock in 'sleeps' with the spinlock xa_lock held");
        });
    }

    @Test
    void shouldReportASleepUnderASpinlock() {
        waitsUnderASpinlock(WaitQueue.outside(tasks.sim.world(), "queue"));
        assertThat(tasks.run())
                .singleElement()
                .satisfies(
                        v -> assertThat(v.message()).isEqualTo("vmm sleeps in 'waits' with the spinlock xa_lock held"));
    }

    @Test
    void shouldAllowPollingUnderASpinlock() {
        waitsUnderASpinlock(WaitQueue.polled(tasks.sim.world(), "queue"));
        assertThat(tasks.run()).isEmpty();
    }

    private void waitsUnderASpinlock(WaitQueue queue) {
        tasks.spawn(
                "vmm",
                p -> p.lock("spin", f -> spin)
                        .await(
                                "waits",
                                Footprint.LOCAL,
                                f -> queue,
                                WaitQueue.Sleep.UNINTERRUPTIBLE,
                                f -> false,
                                f -> 1000,
                                f -> 0));
    }

    @Test
    void shouldAllowASpinlockUnderAMutexAndSleepingAfterIt() {
        tasks.spawn(
                "vmm", p -> p.lock("mutex", f -> mutex).lock("spin", f -> spin).undoNow("spin"));
        tasks.spawn("other", p -> p.lock("spin", f -> spin).undoNow("spin").lock("mutex", f -> mutex));
        assertThat(tasks.run()).isEmpty();
    }
}
