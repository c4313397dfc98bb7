package org.iommusim.hw.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.iommusim.sim.Simulation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TornReadTest {
    private static final long ENTRY = 0x1000;

    private final Simulation sim = Simulation.seeded(1).build();
    private final TornRead checker = new TornRead(sim.world(), sim.violations());

    /** From (1, 1) to (3, 3); a first word of 0 is invalid. */
    private record Pair() implements Rewrite {
        @Override
        public boolean mixes(long[] seen) {
            return seen[0] != 0 && !Arrays.equals(seen, new long[] {1, 1}) && !Arrays.equals(seen, new long[] {3, 3});
        }

        @Override
        public long stableId() {
            return 1;
        }

        @Override
        public String toString() {
            return "1 to 3";
        }
    }

    /** From (1, 1) to (3, 3), where a first word of 1 is only to be overwritten when nobody reads any more. */
    private record Slow(boolean quiet) implements Rewrite {
        @Override
        public boolean mixes(long[] seen) {
            return false;
        }

        @Override
        public boolean exposes(long[] now) {
            return !quiet && now[1] != 1;
        }

        @Override
        public Rewrite stored(long[] now) {
            return now[1] == 1 ? this : new Slow(true);
        }

        @Override
        public Rewrite settled(SourceKind kind) {
            return kind == SourceKind.CONTEXT ? new Slow(true) : this;
        }

        @Override
        public long stableId() {
            return quiet ? 1 : 2;
        }

        @Override
        public String toString() {
            return "slowly";
        }
    }

    @BeforeEach
    void rewrite() {
        checker.rewrites(ENTRY, new Pair());
    }

    @Test
    void shouldReportAMixtureOfOldAndNew() {
        checker.reads("iommu0", ENTRY, new long[] {3, 1});
        assertThat(sim.violations().violations()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("torn-read");
            assertThat(v.message())
                    .isEqualTo("iommu0 uses the descriptor at 0x1000 while it is being rewritten (1 to 3):"
                            + " what it has read is neither the old one nor the new one");
        });
    }

    @Test
    void shouldAllowTheOldTheNewAnInvalidAndAnotherDescriptor() {
        checker.reads("iommu0", ENTRY, new long[] {1, 1});
        checker.reads("iommu0", ENTRY, new long[] {3, 3});
        checker.reads("iommu0", ENTRY, new long[] {0, 1});
        checker.reads("iommu0", ENTRY + 64, new long[] {3, 1});
        assertThat(sim.violations().violations()).isEmpty();
    }

    @Test
    void shouldReportAStoreThatSomebodyMayMixWithWhatHeHasRead() {
        checker.rewrites(ENTRY, new Slow(false));
        checker.stored(ENTRY, new long[] {0, 1});
        assertThat(sim.violations().violations()).isEmpty();
        checker.stored(ENTRY, new long[] {0, 3});
        assertThat(sim.violations().violations()).singleElement().satisfies(v -> {
            assertThat(v.checker()).isEqualTo("torn-read");
            assertThat(v.message()).contains("0x1000", "slowly");
        });
        checker.stored(ENTRY, new long[] {3, 3}); // what it has become by the store exposes nothing
        assertThat(sim.violations().violations()).hasSize(1);
    }

    @Test
    void shouldAllowAnyStoreWhenReadersAreThrough() {
        checker.rewrites(ENTRY, new Slow(false));
        checker.settled(SourceKind.DEVICE);
        checker.settled(SourceKind.CONTEXT);
        checker.stored(ENTRY, new long[] {0, 3});
        assertThat(sim.violations().violations()).isEmpty();
    }

    @Test
    void shouldNotHearOfStoresToWhatIsNotRewritten() {
        checker.rewrites(ENTRY, new Slow(false));
        checker.stored(ENTRY + 64, new long[] {0, 3});
        assertThat(sim.violations().violations()).isEmpty();
    }
}
