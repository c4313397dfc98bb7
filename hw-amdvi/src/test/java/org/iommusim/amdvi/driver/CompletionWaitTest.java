package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.driver.Errno;
import org.junit.jupiter.api.Test;

class CompletionWaitTest {
    private static final long MICROSECOND = 1_000_000;

    private final DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);

    private CommandBuffer commands() {
        return bed.iommu().commands();
    }

    private void queue(int domainId) {
        bed.ok(commands().queue(Cmd.invalidateIommuPages0(domainId, 0), Cmd.allPages1()));
    }

    private void runFor(long ps) {
        bed.sim.scheduler().runUntil(bed.sim.now() + ps);
    }

    @Test
    void shouldWaitForItsOwnNumberWithoutTheLock() {
        bed.fake().alive = false;
        List<Integer> queued = bed.start(commands().queue(Cmd.invalidateIommuPages0(7, 0), Cmd.allPages1()));
        runFor(10 * MICROSECOND);
        assertThat(queued).containsExactly(0);
        List<Integer> answer = bed.start(commands().completionWait());
        runFor(10 * MICROSECOND);
        assertThat(answer).isEmpty();
        assertThat(commands().lock.held()).isFalse();
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();
        assertThat(answer).containsExactly(0);
        bed.assertClean();
    }

    @Test
    void shouldWaitForAnotherOnesWaitIfThatCoversItsCommands() {
        bed.fake().alive = false;
        bed.start(commands().queue(Cmd.invalidateIommuPages0(7, 0), Cmd.allPages1()));
        runFor(10 * MICROSECOND);
        List<Integer> first = bed.start(commands().completionWait());
        runFor(10 * MICROSECOND);
        long number = commands().sequence();
        List<Integer> second = bed.start(commands().completionWait());
        runFor(10 * MICROSECOND);
        assertThat(commands().sequence()).isEqualTo(number);
        assertThat(second).isEmpty();
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();
        assertThat(first).containsExactly(0);
        assertThat(second).containsExactly(0);
        bed.assertClean();
    }

    @Test
    void shouldNeitherQueueNorWaitWhenNothingIsOpen() {
        queue(7);
        bed.ok(commands().completionWait());
        long number = commands().sequence();
        bed.steps.clear();
        bed.ok(commands().completionWait());
        assertThat(commands().sequence()).isEqualTo(number);
        assertThat(bed.steps).noneMatch(step -> step.startsWith("__iommu_queue_command_sync"));
    }

    @Test
    void shouldGiveUpAfterAWhile() {
        bed.fake().alive = false;
        bed.start(commands().queue(Cmd.invalidateIommuPages0(7, 0), Cmd.allPages1()));
        runFor(10 * MICROSECOND);
        assertThat(bed.run(commands().completionWait())).isEqualTo(Errno.EIO);
        assertThat(bed.messages).containsExactly("Completion-Wait loop timed out");
        bed.assertClean();
    }

    @Test
    void shouldGoRoundTheRing() {
        for (int i = 0; i < 1200; i++) {
            queue(i);
        }
        assertThat(bed.fake().commands).hasSize(1200);
        bed.assertClean();
    }

    @Test
    void shouldWaitForRoom() {
        bed.fake().alive = false;
        List<List<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < 520; i++) {
            answers.add(bed.start(commands().queue(Cmd.invalidateIommuPages0(i, 0), Cmd.allPages1())));
        }
        runFor(1000 * MICROSECOND);
        assertThat(answers).filteredOn(List::isEmpty).hasSizeGreaterThan(8);
        bed.fake().alive = true;
        bed.fake().consume();
        bed.sim.scheduler().run();
        assertThat(answers).allMatch(a -> a.equals(List.of(0)));
        assertThat(bed.fake().commands).hasSize(520);
        bed.assertClean();
    }
}
