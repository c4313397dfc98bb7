package org.iommusim.sim.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link EventQueue} promises; a subclass says which one, and how it orders ties. */
abstract class EventQueueContract {

    private static final long LARGEST_KEY = 1L << 62;

    private final TieOrder order;
    private EventQueue queue;

    EventQueueContract(TieOrder order) {
        this.order = order;
    }

    abstract EventQueue create(TieOrder order, int initialCapacity);

    @BeforeEach
    void setUp() {
        queue = create(order, 8);
    }

    @Test
    void shouldBeEmptyAtFirst() {
        assertThat(queue.size()).isZero();
        assertThat(queue.poll()).isEqualTo(EventQueue.NONE);
        assertThat(queue.peekKey()).isEqualTo(Long.MAX_VALUE);
        assertThat(queue.lastKey()).isZero();
        assertThat(queue.contains(0)).isFalse();
    }

    @Test
    void shouldPollInOrderOfKeys() {
        add(0, 500, 1, 3, 2, LARGEST_KEY, 3, 64, 4, 4095, 5, 4096, 6, 0);
        assertThat(drain()).containsExactly(6, 1, 3, 0, 4, 5, 2);
        assertThat(queue.lastKey()).isEqualTo(LARGEST_KEY);
    }

    @Test
    void shouldPollEqualKeysInTieOrder() {
        add(3, 70, 1, 70, 4, 70, 2, 70);
        assertThat(drain()).isEqualTo(ordered(3, 1, 4, 2));
    }

    @Test
    void shouldKeepTieOrderWhenTheBaseMovesBetweenInsertions() {
        long key = 1_000_000;
        add(0, key, 1, 10, 2, key);
        assertThat(queue.poll()).isEqualTo(1);
        add(3, key, 4, key - 1, 5, key);
        assertThat(queue.poll()).isEqualTo(4);
        add(6, key);
        assertThat(drain()).isEqualTo(ordered(0, 2, 3, 5, 6));
    }

    @Test
    void shouldOrderAnEventAddedDuringItsTick() {
        add(0, 9, 1, 9);
        int first = queue.poll();
        add(2, 9);
        int rest = 1 - first;
        assertThat(drain()).isEqualTo(ordered(rest, 2));
    }

    @Test
    void shouldAcceptAKeyBetweenTheLastAndThePeeked() {
        add(0, 5);
        queue.poll();
        add(1, 1L << 40, 2, (1L << 40) + 3);
        assertThat(queue.peekKey()).isEqualTo(1L << 40);
        add(3, 6, 4, 5);
        assertThat(queue.peekKey()).isEqualTo(5);
        assertThat(drain()).containsExactly(4, 3, 1, 2);
    }

    @Test
    void shouldNotMoveTheLastKeyByPeeking() {
        add(0, 1_000_000, 1, 1_000_001);
        assertThat(queue.peekKey()).isEqualTo(1_000_000);
        assertThat(queue.lastKey()).isZero();
        assertThat(queue.size()).isEqualTo(2);
    }

    @Test
    void shouldPeekAnewAfterTheSmallestIsRemoved() {
        add(0, 700, 1, 900, 2, 800, 3, 700);
        assertThat(queue.peekKey()).isEqualTo(700);
        queue.remove(0);
        assertThat(queue.peekKey()).isEqualTo(700);
        queue.remove(3);
        assertThat(queue.peekKey()).isEqualTo(800);
        queue.remove(2);
        queue.remove(1);
        assertThat(queue.peekKey()).isEqualTo(Long.MAX_VALUE);
        assertThat(queue.poll()).isEqualTo(EventQueue.NONE);
    }

    @Test
    void shouldRemoveFromTheMiddleOfATie() {
        add(0, 70, 1, 70, 2, 70, 3, 71);
        queue.remove(1);
        assertThat(queue.contains(1)).isFalse();
        assertThat(queue.size()).isEqualTo(3);
        List<Integer> expected = ordered(0, 2);
        expected.add(3);
        assertThat(drain()).isEqualTo(expected);
    }

    @Test
    void shouldNotMoveTheLastKeyByRemoving() {
        add(0, 70);
        queue.remove(0);
        add(1, 3);
        assertThat(queue.poll()).isEqualTo(1);
        assertThat(queue.lastKey()).isEqualTo(3);
    }

    @Test
    void shouldTakeAnEventAgainAfterItLeft() {
        add(0, 70, 1, 80);
        queue.poll();
        queue.remove(1);
        add(0, 90, 1, 85);
        assertThat(drain()).containsExactly(1, 0);
    }

    @Test
    void shouldGrowWithTheEventNumbers() {
        add(0, 3, 5000, 2, 100, 1);
        assertThat(queue.contains(5000)).isTrue();
        assertThat(queue.contains(4999)).isFalse();
        assertThat(queue.contains(1_000_000)).isFalse();
        assertThat(drain()).containsExactly(100, 5000, 0);
    }

    @Test
    void shouldWorkWithoutInitialCapacity() {
        queue = create(order, 0);
        add(0, 1, 1, 0);
        assertThat(drain()).containsExactly(1, 0);
        assertThatIllegalArgumentException().isThrownBy(() -> create(order, -1));
    }

    @Test
    void shouldRefuseAKeyOfThePast() {
        add(0, 100);
        queue.poll();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.add(1, 99))
                .withMessage("key 99 of event 1 is not in 100 (polled last) .. 2^62");
        assertThatIllegalArgumentException().isThrownBy(() -> queue.add(1, -1));
        assertThatIllegalArgumentException().isThrownBy(() -> queue.add(1, Long.MAX_VALUE));
        assertThat(queue.size()).isZero();
        assertThat(queue.contains(1)).isFalse();
        add(1, 100);
        assertThat(drain()).containsExactly(1);
    }

    @Test
    void shouldRefuseAnEventThatIsPending() {
        add(0, 100);
        assertThatIllegalStateException()
                .isThrownBy(() -> queue.add(0, 50))
                .withMessageContaining("event 0 is already pending");
        assertThat(queue.peekKey()).isEqualTo(100);
        assertThat(drain()).containsExactly(0);
    }

    @Test
    void shouldRefuseToRemoveWhatIsNotPending() {
        add(0, 100);
        queue.poll();
        assertThatIllegalStateException().isThrownBy(() -> queue.remove(0)).withMessage("event 0 is not pending");
        assertThatIllegalStateException().isThrownBy(() -> queue.remove(77));
        assertThatIllegalStateException().isThrownBy(() -> queue.remove(-1));
        assertThat(queue.size()).isZero();
    }

    @Test
    void shouldRefuseANegativeEventNumber() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> queue.add(-1, 5))
                .withMessage("event number -1 is negative");
        assertThat(queue.contains(-1)).isFalse();
    }

    private void add(long... eventAndKey) {
        for (int i = 0; i < eventAndKey.length; i += 2) {
            queue.add((int) eventAndKey[i], eventAndKey[i + 1]);
        }
    }

    /** Polls all, checking that the keys announced are the keys delivered. */
    private List<Integer> drain() {
        List<Integer> events = new ArrayList<>();
        while (queue.size() > 0) {
            long announced = queue.peekKey();
            events.add(queue.poll());
            assertThat(queue.lastKey()).isEqualTo(announced);
        }
        return events;
    }

    private List<Integer> ordered(Integer... inOrderOfInsertion) {
        List<Integer> events = new ArrayList<>(List.of(inOrderOfInsertion));
        if (order == TieOrder.LIFO) {
            Collections.reverse(events);
        }
        return events;
    }
}
