package org.iommusim.sim.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.event.Scheduler;
import org.iommusim.sim.event.TieOrder;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.world.World;
import org.junit.jupiter.api.Test;

class MemoryPortTest {
    private final Scheduler scheduler = new Scheduler(new World(), new TimedChoice());
    private final List<String> replies = new ArrayList<>();

    private void access(MemoryPort port, long address, int bytes, int id) {
        port.access(address, bytes, (op, arg) -> replies.add(arg + "@" + scheduler.now()), 0, id);
    }

    @Test
    void shouldAnswerAnyNumberAfterAFixedTime() {
        MemoryPort port = new MemoryPort(scheduler, "mem", MemoryTiming.fixed(30_000));
        for (int i = 0; i < 20; i++) {
            access(port, i * 64L, 64, i);
        }
        scheduler.run();
        assertThat(replies).hasSize(20).allMatch(r -> r.endsWith("@30000"));
        assertThat(replies.get(0)).startsWith("0@");
        assertThat(replies.get(19)).startsWith("19@");
    }

    @Test
    void shouldQueueForTheChannelByLines() {
        MemoryPort port = new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 0, 100, 0, 0, 1));
        access(port, 0, 64, 0);
        access(port, 60, 8, 1);
        access(port, 0, 64, 2);
        scheduler.run();
        assertThat(replies).containsExactly("0@1000", "1@1100", "2@1300");
    }

    @Test
    void shouldLimitWhatIsOutstanding() {
        MemoryPort port = new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 0, 0, 2, 0, 1));
        for (int i = 0; i < 5; i++) {
            access(port, 0, 8, i);
        }
        scheduler.run();
        assertThat(replies).containsExactly("0@1000", "1@1000", "2@2000", "3@2000", "4@3000");
        assertThat(port.waits()).isEqualTo(3);
    }

    @Test
    void shouldHaveAnyNumberOfSets() {
        // Three sets of two lines: lines 0, 3 and 6 are in each other's way, 1 is in nobody's.
        MemoryPort port = new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 100, 0, 0, 384, 2));
        for (long line : new long[] {0, 1, 3, 6, 1, 0}) {
            access(port, 64 * line, 64, (int) line);
            scheduler.run();
        }
        assertThat(replies).containsExactly("0@1000", "1@2000", "3@3000", "6@4000", "1@4100", "0@5100");
    }

    @Test
    void shouldGoPastTheCacheIfAsked() {
        MemoryPort port = new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 100, 0, 0, 4096, 4));
        access(port, 0, 64, 0);
        scheduler.run();
        port.accessPastCache(0, 8, (op, arg) -> replies.add(arg + "@" + scheduler.now()), 0, 1);
        port.accessPastCache(64, 8, (op, arg) -> replies.add(arg + "@" + scheduler.now()), 0, 2);
        scheduler.run();
        access(port, 64, 64, 3);
        scheduler.run();
        // A line that is there does not help, and a line that is not there stays away.
        assertThat(replies).containsExactly("0@1000", "1@2000", "2@2000", "3@3000");
        assertThat(port.cacheHits()).isZero();
    }

    @Test
    void shouldLetAHitOvertakeAMiss() {
        MemoryPort port = new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 100, 0, 0, 4096, 4));
        access(port, 0, 64, 0);
        scheduler.run();
        access(port, 4096 * 16, 64, 1);
        access(port, 0, 64, 2);
        scheduler.run();
        assertThat(replies).containsExactly("0@1000", "2@1100", "1@2000");
        assertThat(port.cacheHits()).isEqualTo(1);
    }

    @Test
    void shouldAnswerInOrderIfToldTo() {
        MemoryPort port =
                new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 100, 0, 0, 4096, 4).answeringInOrder());
        access(port, 0, 64, 0);
        scheduler.run();
        access(port, 4096 * 16, 64, 1);
        access(port, 0, 64, 2);
        scheduler.run();
        assertThat(replies).as("a hit waits for the miss before it").containsExactly("0@1000", "1@2000", "2@2000");
    }

    @Test
    void shouldAnswerInOrderWhateverTieOrderTheSchedulerHas() {
        Scheduler reversed = new Scheduler(new World(), new TimedChoice(TieOrder.LIFO));
        MemoryPort port =
                new MemoryPort(reversed, "mem", MemoryTiming.fixed(30_000).answeringInOrder());
        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            port.access(0, 8, (op, arg) -> order.add(arg), 0, i);
        }
        reversed.run();
        assertThat(order).isSorted().hasSize(20);
    }

    @Test
    void shouldLetClientsStartAccessesWhileTheyAreAnswered() {
        MemoryPort port =
                new MemoryPort(scheduler, "mem", MemoryTiming.fixed(1_000).answeringInOrder());
        port.access(0, 8, (op, arg) -> access(port, 0, 8, 7), 0, 0);
        access(port, 0, 8, 1);
        scheduler.run();
        access(port, 0, 8, 2);
        scheduler.run();
        assertThat(replies).containsExactly("1@1000", "7@2000", "2@3000");
    }

    @Test
    void shouldEvictTheLeastRecentlyUsedLine() {
        MemoryPort port = new MemoryPort(scheduler, "mem", new MemoryTiming(1_000, 100, 0, 0, 128, 2));
        for (long line : new long[] {0, 64, 0, 128, 0, 64}) {
            access(port, line, 8, (int) line);
            scheduler.run();
        }
        assertThat(port.cacheHits()).as("0 twice; 64 was evicted by 128").isEqualTo(2);
    }

    @Test
    void shouldRefuseImpossibleTimings() {
        assertThatThrownBy(() -> new MemoryTiming(-1, 0, 0, 0, 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MemoryTiming(1, 0, 0, 0, 100, 1)).isInstanceOf(IllegalArgumentException.class);
    }
}
