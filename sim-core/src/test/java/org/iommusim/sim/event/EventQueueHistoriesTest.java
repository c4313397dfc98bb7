package org.iommusim.sim.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Drives a queue and its oracle through the same long random histories and compares every answer. */
class EventQueueHistoriesTest {

    private static final int EVENTS = 200;
    private static final long LARGEST_KEY = 1L << 62;

    /** One step; it means something in every state, so that a failing history can be shortened at will. */
    private sealed interface Op {
        record Add(int event, long delay) implements Op {}

        record Poll(int count) implements Op {}

        record Peek() implements Op {}

        record Cancel(int event) implements Op {}
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void shouldAnswerAsTheOracleDoesWithFifoTies(long seed) {
        check(seed, TieOrder.FIFO);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void shouldAnswerAsTheOracleDoesWithLifoTies(long seed) {
        check(-seed, TieOrder.LIFO);
    }

    private static void check(long seed, TieOrder order) {
        Gen.check(
                seed,
                EventQueueHistoriesTest::history,
                operations -> compare(new RadixEventQueue(order, 0), new HeapEventQueue(order, 0), operations));
        Gen.check(
                seed,
                EventQueueHistoriesTest::history,
                operations -> compare(new NearEventQueue(order, 0), new HeapEventQueue(order, 0), operations));
    }

    /** Each seed has its own mix of delays, and its own balance between adding, polling, peeking and cancelling. */
    private static List<Op> history(Gen gen) {
        int[] delays = {gen.below(8), gen.below(8), gen.below(4), gen.below(3), 1};
        int[] kinds = {10, 4 + gen.below(10), gen.below(12), gen.below(6)};
        return gen.list(10_000, g -> operation(g, kinds, delays));
    }

    private static Op operation(Gen gen, int[] kinds, int[] delays) {
        return switch (gen.weighted(kinds)) {
            case 0 -> new Op.Add(gen.below(EVENTS), delay(gen, delays));
            case 1 -> new Op.Poll(gen.oneIn(100) ? EVENTS : 1);
            case 2 -> new Op.Peek();
            default -> new Op.Cancel(gen.below(EVENTS));
        };
    }

    private static long delay(Gen gen, int[] delays) {
        return switch (gen.weighted(delays)) {
            case 0 -> gen.below(3); // heavy ties
            case 1 -> 1000L * gen.below(40); // a clock's cycles in ps
            case 2 -> 64L * gen.below(200); // digit boundaries
            case 3 -> gen.magnitude(30);
            default -> gen.magnitude(gen.oneIn(50) ? 62 : 45);
        };
    }

    private static void compare(EventQueue queue, EventQueue heap, List<Op> operations) {
        for (Op op : operations) {
            apply(op, queue, heap);
            assertThat(queue.size()).isEqualTo(heap.size());
            assertThat(queue.lastKey()).isEqualTo(heap.lastKey());
        }
        poll(Integer.MAX_VALUE, queue, heap);
    }

    private static void apply(Op op, EventQueue queue, EventQueue heap) {
        if (op instanceof Op.Add add) {
            long key = Math.min(LARGEST_KEY, heap.lastKey() + add.delay);
            assertThat(queue.contains(add.event)).isEqualTo(heap.contains(add.event));
            if (!heap.contains(add.event)) {
                queue.add(add.event, key);
                heap.add(add.event, key);
            }
        } else if (op instanceof Op.Poll poll) {
            poll(poll.count, queue, heap);
        } else if (op instanceof Op.Peek) {
            assertThat(queue.peekKey()).isEqualTo(heap.peekKey());
        } else if (op instanceof Op.Cancel cancel && heap.contains(cancel.event)) {
            queue.remove(cancel.event);
            heap.remove(cancel.event);
        }
    }

    private static void poll(int count, EventQueue queue, EventQueue heap) {
        for (int i = 0; i < count; i++) {
            int event = heap.poll();
            assertThat(queue.poll()).isEqualTo(event);
            assertThat(queue.lastKey()).isEqualTo(heap.lastKey());
            if (event == EventQueue.NONE) {
                return;
            }
        }
    }
}
