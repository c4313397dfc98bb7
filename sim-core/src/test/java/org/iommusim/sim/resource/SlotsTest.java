package org.iommusim.sim.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.world.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SlotsTest {
    private final Scheduler scheduler = new Scheduler(new World(), new TimedChoice());
    private final Lane lane = scheduler.newLane("contenders", Phase.HARDWARE);
    private final List<Long> granted = new ArrayList<>();
    private final EventHandler contender = (op, arg) -> granted.add(arg);

    @ParameterizedTest
    @EnumSource(WakeRule.class)
    void shouldServeContendersInOrder(WakeRule rule) {
        Slots slots = new Slots(scheduler, "s", 2, rule);
        for (long i = 0; i < 40; i++) {
            if (slots.take(lane, contender, 0, i)) {
                granted.add(i);
            }
        }
        assertThat(granted).containsExactly(0L, 1L);
        for (int i = 0; i < 38; i++) {
            slots.release();
            scheduler.run();
        }
        assertThat(granted).hasSize(40).isSorted();
        assertThat(slots.taken()).isEqualTo(2);
        assertThat(slots.waits()).isEqualTo(38);
    }

    @Test
    void shouldNotBeOvertakenWhenASlotIsHandedOver() {
        Slots slots = new Slots(scheduler, "s", 1, WakeRule.HAND_OVER);
        assertThat(slots.take(lane, contender, 0, 1)).isTrue();
        assertThat(slots.take(lane, contender, 0, 2)).isFalse();
        slots.release();
        assertThat(slots.take(lane, contender, 0, 3)).isFalse();
        scheduler.run();
        assertThat(granted).containsExactly(2L);
    }

    @Test
    void shouldSendAnOvertakenContenderToTheTailWhenItTestsAgain() {
        Slots slots = new Slots(scheduler, "s", 1, WakeRule.RETEST);
        slots.take(lane, contender, 0, 1);
        slots.take(lane, contender, 0, 2);
        slots.take(lane, contender, 0, 3);
        slots.release();
        assertThat(slots.take(lane, contender, 0, 4)).as("barges in").isTrue();
        scheduler.run();
        assertThat(granted).isEmpty();
        slots.release();
        scheduler.run();
        slots.release();
        scheduler.run();
        assertThat(granted).containsExactly(3L, 2L);
    }

    @Test
    void shouldAlwaysHaveASlotWithoutALimit() {
        Slots slots = new Slots(scheduler, "s", 0, WakeRule.HAND_OVER);
        for (int i = 0; i < 1000; i++) {
            assertThat(slots.take(lane, contender, 0, i)).isTrue();
        }
    }

    @Test
    void shouldRefuseASlotThatNobodyTook() {
        Slots slots = new Slots(scheduler, "s", 1, WakeRule.HAND_OVER);
        assertThatThrownBy(slots::release).isInstanceOf(IllegalStateException.class);
    }
}
