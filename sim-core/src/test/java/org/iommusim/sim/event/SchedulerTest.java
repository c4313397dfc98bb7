package org.iommusim.sim.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.world.World;
import org.junit.jupiter.api.Test;

class SchedulerTest {
    private final List<String> seen = new ArrayList<>();
    private final EventHandler note = (op, arg) -> seen.add(op + ":" + arg);

    private static Scheduler timed(TieOrder ties) {
        return new Scheduler(new World(), new TimedChoice(ties));
    }

    @Test
    void shouldRunTheEarliestEventOfAllLanes() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Lane a = scheduler.newLane("a", Phase.HARDWARE);
        Lane b = scheduler.newLane("b", Phase.HARDWARE);
        scheduler.at(a, 30, note, 1, 0);
        scheduler.at(b, 10, note, 2, 0);
        scheduler.at(b, 40, note, 3, 0);
        scheduler.run();
        assertThat(seen).containsExactly("2:0", "1:0", "3:0");
        assertThat(scheduler.now()).isEqualTo(40);
        assertThat(scheduler.executed()).isEqualTo(3);
    }

    @Test
    void shouldOrderTiesByPhaseAndThenByInsertion() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Lane timeout = scheduler.newLane("t", Phase.TIMEOUT);
        Lane software = scheduler.newLane("s", Phase.SOFTWARE);
        Lane hardware = scheduler.newLane("h", Phase.HARDWARE);
        Lane hardware2 = scheduler.newLane("h2", Phase.HARDWARE);
        scheduler.at(timeout, 5, note, 0, 0);
        scheduler.at(software, 5, note, 1, 0);
        scheduler.at(hardware2, 5, note, 2, 0);
        scheduler.at(hardware, 5, note, 3, 0);
        scheduler.run();
        assertThat(seen).containsExactly("2:0", "3:0", "1:0", "0:0");
    }

    @Test
    void shouldRunWhatSoftwareCausesInHardwareInTheSameTickRightAfterIt() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Lane software = scheduler.newLane("s", Phase.SOFTWARE);
        Lane hardware = scheduler.newLane("h", Phase.HARDWARE);
        Lane timeout = scheduler.newLane("t", Phase.TIMEOUT);
        scheduler.at(timeout, 5, note, 9, 0);
        scheduler.at(software, 5, (op, arg) -> scheduler.after(hardware, 0, note, 1, 0), 0, 0);
        scheduler.run();
        assertThat(seen).containsExactly("1:0", "9:0");
    }

    @Test
    void shouldReverseTiesBetweenLanesButNotInsideOne() {
        Scheduler scheduler = timed(TieOrder.LIFO);
        Lane a = scheduler.newLane("a", Phase.HARDWARE);
        Lane b = scheduler.newLane("b", Phase.HARDWARE);
        scheduler.at(a, 5, note, 1, 1);
        scheduler.at(a, 5, note, 1, 2);
        scheduler.at(b, 5, note, 2, 1);
        scheduler.at(a, 5, note, 1, 3);
        scheduler.at(a, 6, note, 1, 4);
        scheduler.run();
        assertThat(seen).containsExactly("1:1", "2:1", "1:2", "1:3", "1:4");
    }

    @Test
    void shouldRefuseAnEventBeforeItsLanesTail() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Lane a = scheduler.newLane("a", Phase.HARDWARE);
        scheduler.at(a, 30, note, 1, 0);
        assertThatThrownBy(() -> scheduler.at(a, 29, note, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lane a is FIFO")
                .hasMessageContaining("tail at 30");
    }

    @Test
    void shouldCancelATimer() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Timer timer = new Timer(scheduler, "timer", note, 9);
        Lane a = scheduler.newLane("a", Phase.HARDWARE);
        timer.start(100, 0);
        scheduler.at(a, 50, (op, arg) -> timer.cancel(), 0, 0);
        scheduler.run();
        assertThat(seen).isEmpty();
        assertThat(timer.running()).isFalse();
        assertThat(scheduler.now()).isEqualTo(50);
        timer.start(100, 7);
        scheduler.run();
        assertThat(seen).containsExactly("9:7");
    }

    @Test
    void shouldRunUntilATimeAndGoOnLater() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Lane a = scheduler.newLane("a", Phase.HARDWARE);
        for (int i = 1; i <= 5; i++) {
            scheduler.at(a, 10L * i, note, i, 0);
        }
        scheduler.runUntil(35);
        assertThat(seen).hasSize(3);
        assertThat(scheduler.now()).isEqualTo(35);
        scheduler.run();
        assertThat(seen).hasSize(5);
    }

    @Test
    void shouldGrowItsPoolAndKeepOrder() {
        Scheduler scheduler = timed(TieOrder.FIFO);
        Lane a = scheduler.newLane("a", Phase.HARDWARE);
        for (int i = 0; i < 5_000; i++) {
            scheduler.at(a, i / 10, note, 0, i);
        }
        scheduler.run();
        assertThat(seen).hasSize(5_000);
        assertThat(seen.get(4_999)).isEqualTo("0:4999");
    }
}
