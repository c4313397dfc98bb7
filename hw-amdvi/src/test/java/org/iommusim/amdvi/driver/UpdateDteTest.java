package org.iommusim.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.iommusim.amdvi.spec.Dte;
import org.junit.jupiter.api.Test;

/** Every change of an entry, store by store: what hardware may read is what it was, what it will be, or blocks. */
class UpdateDteTest {
    private static final long INTERRUPTS = Dte.IV.mask() | Dte.INT_CTL.with(0, 2) | 0x1234_5000L;

    private final DriverTestbed bed = DriverTestbed.fake(FakeAmdVi.ALL);
    private final DevData dev = (DevData) bed.master(0x300);

    /** The values that an entry has on its way to another. */
    private List<long[]> update(long[] target) {
        List<long[]> seen = new ArrayList<>();
        bed.afterEachStep(() -> {
            long[] now = bed.dte(0x300);
            if (seen.isEmpty() || !Arrays.equals(seen.get(seen.size() - 1), now)) {
                seen.add(now);
            }
        });
        bed.steps.clear();
        bed.fake().commands.clear();
        bed.ok(UpdateDte.call(dev, target));
        bed.afterEachStep(() -> {});
        return seen;
    }

    private static long[] guest(long gcr3, int guestLevels, int domainId) {
        long[] words = Dte.passThrough(domainId);
        Dte.putGuest(words, gcr3, 1, guestLevels);
        return words;
    }

    private List<String> stores() {
        return bed.steps.stream()
                .filter(step -> step.startsWith("update_dte256: write") || step.contains("clear the lower"))
                .toList();
    }

    private void clean(long[] from, long[] to, List<long[]> seen) {
        DteRewrite rewrite = new DteRewrite("test", from, to);
        assertThat(seen).noneMatch(rewrite::mixes);
        bed.assertClean();
    }

    @Test
    void shouldStoreTheHalfThatEnablesLast() {
        long[] from = bed.dte(0x300);
        long[] to = guest(0x7000, 5, 9);
        clean(from, to, update(to));
        assertThat(stores())
                .containsExactly("update_dte256: write_dte_upper128 before", "update_dte256: write_dte_lower128");
        assertThat(bed.fake().commands)
                .containsExactly("INVALIDATE_DEVTAB_ENTRY device=0x300", "INVALIDATE_DEVTAB_ENTRY device=0x300");
    }

    @Test
    void shouldStoreTheHalfThatDisablesFirst() {
        long[] from = guest(0x7000, 5, 9);
        update(from);
        clean(from, DteTargets.clear(), update(DteTargets.clear()));
        assertThat(stores())
                .containsExactly("update_dte256: write_dte_lower128", "update_dte256: write_dte_upper128 behind");
    }

    @Test
    void shouldStoreOneHalfIfTheLevelsStay() {
        long[] from = guest(0x7000, 5, 9);
        long[] to = guest(0x8000, 5, 10);
        update(from);
        clean(from, to, update(to));
        assertThat(stores()).containsExactly("update_dte256: write_dte_lower128");
    }

    @Test
    void shouldBlockAndWaitWhileTheLevelsChange() {
        long[] from = guest(0x7000, 5, 9);
        long[] to = guest(0x8000, 4, 10);
        update(from);
        List<long[]> seen = update(to);
        clean(from, to, seen);
        assertThat(seen).anySatisfy(words -> assertThat(Dte.TV.isSet(words[0])).isFalse());
        assertThat(stores()).first().isEqualTo("update_dte256: clear the lower half");
        assertThat(bed.dte(0x300)).containsExactly(to);
        assertThat(bed.fake().commands).hasSize(3);
    }

    @Test
    void shouldKeepWhatIsSaidOfInterrupts() {
        bed.memory.write64(bed.iommu().dte(0x300) + 16, INTERRUPTS);
        update(guest(0x7000, 5, 9));
        update(guest(0x8000, 4, 9));
        update(DteTargets.clear());
        assertThat(bed.dte(0x300)).containsExactly(Dte.V.mask(), 0, INTERRUPTS, 0);
    }

    @Test
    void shouldNeverBeInvalidOnTheWay() {
        for (long[] to : List.of(guest(0x7000, 5, 9), guest(0x8000, 4, 9), Dte.passThrough(1), DteTargets.clear())) {
            assertThat(update(to)).allMatch(words -> Dte.V.isSet(words[0]));
        }
    }

    @Test
    void shouldSeeAMixtureOfTwoEntries() {
        long[] from = guest(0x7000, 5, 9);
        long[] to = guest(0x8000, 5, 10);
        DteRewrite rewrite = new DteRewrite("test", from, to);
        assertThat(rewrite.mixes(new long[] {to[0], from[1], from[2], 0})).isTrue();
        assertThat(rewrite.exposes(new long[] {from[0], to[1], from[2], 0})).isTrue();
        assertThat(rewrite.mixes(new long[] {0, 0, 0, 0})).isTrue(); // everything would pass
        assertThat(rewrite.mixes(DteTargets.clear())).isFalse();
        assertThat(rewrite.mixes(new long[] {to[0], to[1], to[2] | INTERRUPTS, 0}))
                .isFalse();
    }
}
