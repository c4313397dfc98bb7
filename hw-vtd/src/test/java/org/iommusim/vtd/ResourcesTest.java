package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.Counter;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;

/** Time comes from resources: who waits, waits at the station where the resource is, and the ticks say which. */
class ResourcesTest {
    private static final int SID = 0x28;
    private static final int DID = 7;
    private static final long DATA = 0x2000_0000L;
    /** A read of memory: a beat of the port, and the memory. */
    private static final long READ = 101_000;

    private VtdTestbed bed = VtdTestbed.of("legacy");
    private long root;

    private void legacy(Map<String, Long> overrides) {
        bed = VtdTestbed.of("legacy", new TreeMap<>(overrides)).legacy();
        root = bed.page();
        for (int page = 0; page < 16; page++) {
            bed.mapSecond(root, 3, 0x1000L * page, DATA + 0x1000L * page);
        }
        for (int function = 0; function < 8; function++) {
            bed.context(SID + function, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
        }
    }

    private DmaRequest issue(int function, long iova) {
        return bed.issue(bed.request(SID + function, DmaRequest.NO_PASID, iova, false));
    }

    private void done(DmaRequest... requests) {
        bed.run();
        for (DmaRequest request : requests) {
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(request.totalTicks()).isEqualTo(request.latency());
        }
    }

    @Test
    void shouldTakeTheTimeOfEachStation() {
        legacy(Map.of("context_cycles", 7L, "iotlb_cycles", 11L, "walk_cache_cycles", 3L));
        DmaRequest cold = issue(0, 0x5000);
        done(cold);
        assertThat(cold.ticks(Station.FRONT_END)).isEqualTo(1_000);
        assertThat(cold.ticks(Station.CONFIG_CACHE)).isEqualTo(7_000);
        assertThat(cold.ticks(Station.CONFIG_FETCH)).isEqualTo(2 * READ);
        assertThat(cold.ticks(Station.MAIN_TLB)).isEqualTo(11_000);
        assertThat(cold.ticks(Station.WALK_CACHE)).isEqualTo(2 * 3_000);
        assertThat(cold.ticks(Station.STAGE2_READ)).isEqualTo(3 * READ);
        assertThat(cold.ticks(Station.PORT)).isEqualTo(1_000);

        DmaRequest hot = issue(0, 0x5040);
        done(hot);
        assertThat(hot.latency()).isEqualTo(1_000 + 7_000 + 11_000 + 1_000);
    }

    @Test
    void shouldReadOnlyTheLastLevelWithPagingStructureCaches() {
        legacy(Map.of());
        done(issue(0, 0x5000));
        DmaRequest next = issue(0, 0x6000);
        done(next);
        assertThat(next.ticks(Station.STAGE2_READ)).isEqualTo(READ);
        assertThat(next.ticks(Station.CONFIG_FETCH)).isZero();
    }

    @Test
    void shouldReadEveryLevelWithoutThem() {
        legacy(Map.of("walk_ss_l2", 0L, "walk_ss_l3", 0L, "walk_ss_l4", 0L, "walk_ss_l5", 0L));
        done(issue(0, 0x5000));
        DmaRequest next = issue(0, 0x6000);
        done(next);
        assertThat(next.ticks(Station.STAGE2_READ)).isEqualTo(3 * READ);
        assertThat(next.ticks(Station.WALK_CACHE)).isZero();
    }

    @Test
    void shouldWalkOnceForAPageThatManyWant() {
        legacy(Map.of());
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x5100);
        done(first, second);
        assertThat(second.ticks(Station.HAZARD)).isPositive();
        assertThat(first.misses() + second.misses()).isEqualTo(1);
    }

    @Test
    void shouldWalkForEachIfMissesAreNotMerged() {
        legacy(Map.of("merge_misses", 0L, "merge_walks", 0L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x5100);
        done(first, second);
        assertThat(first.misses() + second.misses()).isEqualTo(2);
        assertThat(second.ticks(Station.HAZARD)).isZero();
    }

    @Test
    void shouldFetchAContextEntryOnceForAllWhoWantIt() {
        legacy(Map.of());
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(0, 0x6000);
        done(first, second);
        assertThat(counter("dmar0.context_fetches")).isEqualTo(1);
        assertThat(counter("dmar0.merged_fetches")).isEqualTo(1);
    }

    private long counter(String path) {
        return ((Counter) bed.sim.statistics().find(path).orElseThrow()).value();
    }

    @Test
    void shouldWaitForAFetchSlot() {
        legacy(Map.of("fetch_slots", 1L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x6000);
        done(first, second);
        assertThat(second.ticks(Station.CONFIG_FETCH)).isGreaterThan(3 * READ);
    }

    @Test
    void shouldWaitForAWalkSlot() {
        legacy(Map.of("walk_slots", 1L, "merge_walks", 0L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x6000);
        done(first, second);
        assertThat(second.ticks(Station.WALK_WAIT)).isGreaterThan(2 * READ);
        assertThat(first.ticks(Station.WALK_WAIT)).isZero();
    }

    @Test
    void shouldWaitAtTheDoor() {
        legacy(Map.of("request_slots", 1L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(0, 0x6000);
        done(first, second);
        assertThat(second.ticks(Station.FRONT_END)).isGreaterThanOrEqualTo(first.latency());
        assertThat(bed.device.offer(bed.request(SID, -1, 0x5000, false), r -> bed.device.carriedOut(r), () -> {}))
                .isTrue();
        assertThat(bed.device.offer(bed.request(SID, -1, 0x5000, false), r -> {}, () -> {}))
                .isFalse();
        bed.run();
    }

    @Test
    void shouldInviteWhomItRefused() {
        legacy(Map.of("request_slots", 1L));
        issue(0, 0x5000);
        boolean[] invited = new boolean[1];
        assertThat(bed.device.offer(bed.request(SID, -1, 0x6000, false), r -> {}, () -> invited[0] = true))
                .isFalse();
        bed.run();
        assertThat(invited[0]).isTrue();
    }

    @Test
    void shouldGiveWaysToWhoComesLast() {
        legacy(Map.of("iotlb_entries", 4L));
        for (int page = 0; page < 6; page++) {
            done(issue(0, 0x1000L * page));
        }
        DmaRequest evicted = issue(0, 0x1000);
        DmaRequest kept = issue(0, 0x5000);
        done(evicted, kept);
        assertThat(evicted.misses()).isEqualTo(1);
        assertThat(kept.misses()).isZero();
    }

    @Test
    void shouldWorkWithoutAnyCache() {
        bed = VtdTestbed.of("scalable", Map.of("context_cache", 0L, "pasid_cache", 0L, "iotlb", 0L))
                .scalable();
        root = bed.page();
        bed.mapSecond(root, 4, 0x5000, DATA);
        bed.scalableContext(SID, VtdTestbed.function());
        bed.pasid(0, PasidEntry.secondStage(root, 4, DID));
        for (int i = 0; i < 2; i++) {
            DmaRequest request = issue(0, 0x5000);
            done(request);
            assertThat(request.ticks(Station.CONFIG_FETCH)).isEqualTo(4 * READ);
            assertThat(request.ticks(Station.CONFIG_CACHE) + request.ticks(Station.MAIN_TLB))
                    .isZero();
        }
    }
}
