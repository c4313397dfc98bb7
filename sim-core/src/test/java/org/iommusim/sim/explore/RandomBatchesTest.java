package org.iommusim.sim.explore;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.sim.random.RandomStreams;
import org.junit.jupiter.api.Test;

class RandomBatchesTest {
    private final RandomTotals totals = new RandomTotals(Bounds.unlimited(), false);
    private final RandomBatches batches = new RandomBatches(4, totals);

    /** Some schedules of the toy, until one violates if it has a bug. */
    private static RandomRun run(int schedules, int bug) {
        WalkPicker picker = new WalkPicker(new RandomStreams(bug).split("batches"));
        RandomRun run = new RandomRun(new Cursor(new ToyProtocol(2, bug)), picker, 1_000, null);
        while (run.schedules() < schedules && run.found() == null) {
            run.one(Bounds.UNLIMITED);
        }
        return run;
    }

    @Test
    void shouldAddThemUpInTheirOrder() {
        for (long number = 0; number < 4; number++) {
            assertThat(batches.take()).isEqualTo(number);
        }
        assertThat(batches.take()).isEqualTo(-1);
        batches.done(2, run(3, 0));
        batches.done(1, run(2, 0));
        assertThat(totals.schedules()).isZero();
        batches.done(0, run(1, 0));
        assertThat(totals.schedules()).isEqualTo(6);
        batches.done(3, run(4, 0));
        assertThat(batches.totals().schedules()).isEqualTo(10);
    }

    @Test
    void shouldDropWhatComesBehindTheFirstViolation() {
        batches.take();
        batches.take();
        batches.take();
        RandomRun violating = run(1_000, 1);
        batches.done(1, violating);
        assertThat(batches.take()).as("nobody begins another one").isEqualTo(-1);
        batches.done(2, run(5, 0));
        batches.done(0, run(7, 0));
        assertThat(batches.totals().schedules()).isEqualTo(7 + violating.schedules());
        assertThat(totals.found()).isSameAs(violating.found()).isNotNull();
    }

    @Test
    void shouldNotLoseBatchesBehindAGapWhenItIsCancelled() {
        batches.take();
        batches.take();
        batches.cancel();
        assertThat(batches.take()).isEqualTo(-1);
        batches.done(1, run(2, 0));
        assertThat(batches.totals().schedules()).isEqualTo(2);
    }
}
