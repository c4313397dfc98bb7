package org.iommusim.hw.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.stats.Counter;
import org.junit.jupiter.api.Test;

/** Waits complete in order, each with what was there when it was fetched. */
class PendingWaitsTest {
    private static final long WORD = 0x1000;
    private static final int STORE = 1;
    private static final int INTERRUPT = 2;
    private static final int FENCE = 4;

    private final ControlBed bed = new ControlBed();
    private final List<String> told = new ArrayList<>();
    private final Progress progress = new Progress();
    private final Counter completed;
    private final Counter aborted;
    private final PendingWaits waits;

    PendingWaitsTest() {
        completed = bed.statistics.counter("waits", "commands", "waits completed");
        aborted = bed.statistics.counter("aborted", "commands", "waits aborted");
        waits = new PendingWaits(
                new Client(),
                progress,
                bed.lane,
                bed.port,
                bed.memory,
                new WaitQueue(bed.sim.world(), "changed"),
                8,
                completed,
                aborted);
    }

    /** Invalidations that have taken effect, and the oldest that somebody under way still uses. */
    private static final class Progress implements InvalidationProgress {
        int invalidations;
        int oldest = Integer.MAX_VALUE;
        int promises;
        final List<String> kept = new ArrayList<>();

        @Override
        public int invalidations() {
            return invalidations;
        }

        @Override
        public boolean awaited(int first) {
            return oldest < first;
        }

        @Override
        public int promises() {
            return promises;
        }

        @Override
        public void completed(String by, int first) {
            promises -= first;
            kept.add(by + " " + first);
        }
    }

    private final class Client implements PendingWaits.Client {
        @Override
        public boolean stores(long w0) {
            return (w0 & STORE) != 0;
        }

        @Override
        public long storeAddress(long w0, long w1) {
            return WORD + w1;
        }

        @Override
        public long storeData(long w0, long w1) {
            return 0x1234_5678_9abc_def0L;
        }

        @Override
        public boolean interrupts(long w0) {
            return (w0 & INTERRUPT) != 0;
        }

        @Override
        public boolean fences(long w0) {
            return (w0 & FENCE) != 0;
        }

        @Override
        public String text(long w0, long w1) {
            return "wait";
        }

        @Override
        public void interrupt() {
            told.add("interrupt, stored " + (bed.memory.read64(WORD) != 0));
        }

        @Override
        public void fenceOver() {
            told.add("fence over");
        }

        @Override
        public void stored() {
            told.add("stored");
        }
    }

    @Test
    void shouldStoreThenInterruptThenLetOthersPass() {
        progress.promises = 2;
        waits.add(STORE | INTERRUPT | FENCE, 0, 0, 0);
        assertThat(waits.writing()).isTrue();
        bed.run();
        assertThat(waits.writing()).isFalse();
        assertThat(bed.memory.read64(WORD)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(told).containsExactly("interrupt, stored true", "fence over", "stored");
        assertThat(progress.kept).containsExactly("wait 2", "wait 0");
        assertThat(completed.value()).isEqualTo(1);
    }

    @Test
    void shouldWaitForWhatWasThereAndNothingLater() {
        progress.invalidations = 1;
        progress.oldest = 0;
        waits.add(INTERRUPT, 0, 0b101, 2);
        progress.oldest = Integer.MAX_VALUE;
        waits.flightsDrained();
        progress.invalidations = 2;
        progress.oldest = 1;
        waits.tagFreed(1);
        waits.tagFreed(0);
        waits.tagFreed(2);
        waits.pageRequestSettled();
        assertThat(told).isEmpty();
        waits.pageRequestSettled();
        assertThat(told).hasSize(1);
        waits.add(INTERRUPT, 0, 0, 0);
        assertThat(told).hasSize(1);
        progress.oldest = 2;
        waits.flightsDrained();
        assertThat(told).hasSize(2);
    }

    @Test
    void shouldCompleteInOrder() {
        waits.add(INTERRUPT, 0, 1, 0);
        waits.add(FENCE, 0, 0, 0);
        assertThat(told).isEmpty();
        waits.tagFreed(0);
        assertThat(told).containsExactly("interrupt, stored false", "fence over");
    }

    @Test
    void shouldKeepEachPromiseOnce() {
        progress.promises = 2;
        waits.add(STORE, 0, 1, 0);
        progress.promises = 5;
        waits.add(STORE, 8, 1, 0);
        waits.tagFreed(0);
        bed.run();
        assertThat(progress.kept).containsExactly("wait 2", "wait 3");
    }

    @Test
    void shouldAbortAllButTheOneThatIsBeingStored() {
        waits.add(STORE, 0, 0, 0);
        waits.add(STORE, 8, 0, 0);
        waits.add(FENCE, 0, 0, 0);
        waits.abort();
        assertThat(told).containsExactly("fence over");
        bed.run();
        assertThat(bed.memory.read64(WORD)).isNotZero();
        assertThat(bed.memory.read64(WORD + 8)).isZero();
        assertThat(completed.value()).isEqualTo(1);
        assertThat(aborted.value()).isEqualTo(2);
    }

    @Test
    void shouldLoseAStoreThatReachesNothing() {
        waits.add(STORE | INTERRUPT, 1 << 20, 0, 0);
        bed.run();
        assertThat(told).containsExactly("interrupt, stored false", "stored");
    }
}
