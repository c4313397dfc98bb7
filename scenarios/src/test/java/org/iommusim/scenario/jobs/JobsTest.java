package org.iommusim.scenario.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JobsTest {
    @Test
    void shouldGiveResultsInTheOrderOfTheWork() {
        CountDownLatch laterIsDone = new CountDownLatch(1);
        List<Integer> results = new ArrayList<>();
        Jobs.inOrder(2, List.of(0, 1), piece -> piece == 0 ? after(laterIsDone) : before(laterIsDone), results::add);
        assertThat(results).containsExactly(0, 1);
    }

    private static int after(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return 0;
    }

    private static int before(CountDownLatch latch) {
        latch.countDown();
        return 1;
    }

    @Test
    void shouldThrowWhatTheFirstFailingPieceThrows() {
        List<Integer> results = new ArrayList<>();
        assertThatThrownBy(() -> Jobs.inOrder(
                        3, IntStream.range(0, 20).boxed().toList(), piece -> 100 / (7 - piece), results::add))
                .isInstanceOf(ArithmeticException.class);
        assertThat(results).hasSize(7);
    }
}
