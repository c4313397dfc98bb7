package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.Counter;
import org.junit.jupiter.api.Test;

/** Time comes from resources: who waits, waits at the station where the resource is, and the ticks say which. */
class ResourcesTest {
    private static final int ID = 0x28;
    private static final int DID = 7;
    private static final int PASID = 5;
    private static final long DATA = 0x2000_0000L;
    /** A read of memory: a beat of the port, and the memory. */
    private static final long READ = 101_000;

    private AmdViTestbed bed = AmdViTestbed.of("host-tables");

    private void host(Map<String, Long> overrides) {
        bed = AmdViTestbed.of("host-tables", overrides).enable();
        long root = bed.page();
        for (int page = 0; page < 16; page++) {
            bed.mapHost(root, 3, 0x1000L * page, DATA + 0x1000L * page);
        }
        for (int function = 0; function < 8; function++) {
            bed.entry(ID + function, Dte.host(root, 3, DID));
        }
    }

    private DmaRequest issue(int function, int pasid, long iova) {
        return bed.issue(bed.request(ID + function, pasid, iova, false));
    }

    private DmaRequest issue(int function, long iova) {
        return issue(function, DmaRequest.NO_PASID, iova);
    }

    private void done(DmaRequest... requests) {
        bed.run();
        for (DmaRequest request : requests) {
            assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
            assertThat(request.totalTicks()).isEqualTo(request.latency());
        }
    }

    private long counter(String path) {
        return ((Counter) bed.sim.statistics().find("iommu0." + path).orElseThrow()).value();
    }

    @Test
    void shouldTakeTheTimeOfEachStation() {
        host(Map.of("dte_cycles", 7L, "iotlb_cycles", 11L, "walk_cache_cycles", 3L));
        DmaRequest cold = issue(0, 0x5000);
        done(cold);
        assertThat(cold.ticks(Station.FRONT_END)).isEqualTo(1_000);
        assertThat(cold.ticks(Station.CONFIG_CACHE)).isEqualTo(7_000);
        assertThat(cold.ticks(Station.CONFIG_FETCH)).isEqualTo(READ);
        assertThat(cold.ticks(Station.MAIN_TLB)).isEqualTo(11_000);
        assertThat(cold.ticks(Station.WALK_CACHE)).isEqualTo(2 * 3_000);
        assertThat(cold.ticks(Station.STAGE2_READ)).isEqualTo(3 * READ);
        assertThat(cold.ticks(Station.PORT)).isEqualTo(1_000);

        DmaRequest hot = issue(0, 0x5040);
        done(hot);
        assertThat(hot.latency()).isEqualTo(1_000 + 7_000 + 11_000 + 1_000);
    }

    @Test
    void shouldTakeTheTimeOfTheGcr3Table() {
        bed = AmdViTestbed.of("guest-tables", Map.of("gcr3_cycles", 5L, "dte_cycles", 7L, "walk_cache_cycles", 0L))
                .enable();
        long root = bed.page();
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, 0x5000, DATA);
        bed.mapGuest(root, 4, 0x6000, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        DmaRequest cold = issue(0, PASID, 0x5000);
        done(cold);
        assertThat(cold.ticks(Station.CONFIG_CACHE)).isEqualTo(7_000 + 5_000);
        assertThat(cold.ticks(Station.CONFIG_FETCH)).isEqualTo(2 * READ);
        DmaRequest next = issue(0, PASID, 0x6000);
        done(next);
        assertThat(next.ticks(Station.CONFIG_CACHE)).isEqualTo(7_000 + 5_000);
        assertThat(next.ticks(Station.CONFIG_FETCH)).isZero();
        DmaRequest hot = issue(0, PASID, 0x6000);
        done(hot);
        assertThat(hot.ticks(Station.CONFIG_CACHE))
                .as("a hit needs no GCR3 entry")
                .isEqualTo(7_000);
    }

    /** Of host tables four levels for the GCR3 entry, four for each of four guest tables, and four for the page. */
    @Test
    void shouldBookWhatIsReadOfHostTablesForTheGcr3Table() {
        bed = AmdViTestbed.of(
                        "guest-tables",
                        Map.of(
                                "walk_v1_l2",
                                0L,
                                "walk_v1_l3",
                                0L,
                                "walk_v1_l4",
                                0L,
                                "walk_v1_l5",
                                0L,
                                "walk_v1_l6",
                                0L))
                .enable();
        bed.control(Control.GCR3_TRP_MODE.mask());
        NestedTables tables = new NestedTables(bed);
        tables.map(PASID, 0x5000, 0x5_0000_0000L, DATA);
        bed.entry(ID, tables.guestAddressed(DID));
        DmaRequest request = issue(0, PASID, 0x5000);
        done(request);
        // Accessed flags of the guest's four entries are reads of their own, and their addresses are looked up once
        // more.
        assertThat(request.ticks(Station.CONFIG_FETCH)).isEqualTo(2 * READ);
        assertThat(request.ticks(Station.STAGE2_READ) % READ).isZero();
        assertThat(request.ticks(Station.STAGE2_READ)).isGreaterThanOrEqualTo(24 * READ);
    }

    @Test
    void shouldNotWaitForTheSamePageOfAnotherDomain() {
        host(Map.of());
        long root = bed.page();
        bed.mapHost(root, 3, 0x5000, DATA);
        bed.entry(ID + 8, Dte.host(root, 3, DID + 1));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(8, 0x5000);
        done(first, second);
        assertThat(second.ticks(Station.HAZARD)).isZero();
        assertThat(second.misses()).isEqualTo(1);
    }

    @Test
    void shouldReadATableEntryOnceForAllWalksThatNeedIt() {
        host(Map.of());
        done(issue(0, 0x5000), issue(1, 0x6000));
        long merged = counter("walker.stage2_reads");
        host(Map.of("merge_walks", 0L));
        done(issue(0, 0x5000), issue(1, 0x6000));
        assertThat(counter("walker.stage2_reads")).isGreaterThan(merged);
    }

    @Test
    void shouldReadOnlyTheLastLevelWithPageDirectoryCaches() {
        host(Map.of());
        done(issue(0, 0x5000));
        DmaRequest next = issue(0, 0x6000);
        done(next);
        assertThat(next.ticks(Station.STAGE2_READ)).isEqualTo(READ);
        assertThat(next.ticks(Station.CONFIG_FETCH)).isZero();
    }

    @Test
    void shouldReadEveryLevelWithoutThem() {
        host(Map.of("walk_v1_l2", 0L, "walk_v1_l3", 0L, "walk_v1_l4", 0L, "walk_v1_l5", 0L, "walk_v1_l6", 0L));
        done(issue(0, 0x5000));
        DmaRequest next = issue(0, 0x6000);
        done(next);
        assertThat(next.ticks(Station.STAGE2_READ)).isEqualTo(3 * READ);
        assertThat(next.ticks(Station.WALK_CACHE)).isZero();
    }

    @Test
    void shouldWalkOnceForAPageThatManyWant() {
        host(Map.of());
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x5100);
        done(first, second);
        assertThat(second.ticks(Station.HAZARD)).isPositive();
        assertThat(first.misses() + second.misses()).isEqualTo(1);
    }

    @Test
    void shouldWalkForEachIfMissesAreNotMerged() {
        host(Map.of("merge_misses", 0L, "merge_walks", 0L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x5100);
        done(first, second);
        assertThat(first.misses() + second.misses()).isEqualTo(2);
        assertThat(second.ticks(Station.HAZARD)).isZero();
    }

    @Test
    void shouldFetchAnEntryOnceForAllWhoWantIt() {
        host(Map.of());
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(0, 0x6000);
        done(first, second);
        assertThat(counter("dte_fetches")).isEqualTo(1);
        assertThat(counter("merged_fetches")).isEqualTo(1);
    }

    @Test
    void shouldWaitForAFetchSlot() {
        host(Map.of("fetch_slots", 1L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x6000);
        done(first, second);
        assertThat(second.ticks(Station.CONFIG_FETCH)).isGreaterThan(READ + READ / 2);
    }

    @Test
    void shouldWaitForAWalkSlot() {
        host(Map.of("walk_slots", 1L, "merge_walks", 0L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(1, 0x6000);
        done(first, second);
        assertThat(second.ticks(Station.WALK_WAIT)).isGreaterThan(2 * READ);
        assertThat(first.ticks(Station.WALK_WAIT)).isZero();
    }

    @Test
    void shouldGiveTheWalkSlotBackWhereThereIsNoWayToGuestTables() {
        bed = AmdViTestbed.of("guest-tables", Map.of("walk_slots", 1L)).enable();
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, bed.page(), 1, 4);
        bed.entry(ID, words);
        DmaRequest first = issue(0, PASID, 0x5000);
        DmaRequest second = issue(0, PASID + 1, 0x6000);
        bed.run();
        assertThat(first.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(second.outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    void shouldWaitAtTheDoor() {
        host(Map.of("request_slots", 1L));
        DmaRequest first = issue(0, 0x5000);
        DmaRequest second = issue(0, 0x6000);
        done(first, second);
        assertThat(second.ticks(Station.FRONT_END)).isGreaterThanOrEqualTo(first.latency());
        assertThat(bed.device.offer(bed.request(ID, -1, 0x5000, false), r -> bed.device.carriedOut(r), () -> {}))
                .isTrue();
        boolean[] invited = new boolean[1];
        assertThat(bed.device.offer(bed.request(ID, -1, 0x5000, false), r -> {}, () -> invited[0] = true))
                .isFalse();
        bed.run();
        assertThat(invited[0]).isTrue();
    }

    @Test
    void shouldGiveWaysToWhoComesLast() {
        host(Map.of("iotlb_entries", 4L));
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
        bed = AmdViTestbed.of("guest-tables", Map.of("dte_cache", 0L, "gcr3_cache", 0L, "iotlb", 0L))
                .enable();
        long root = bed.page();
        long gcr3 = bed.page();
        bed.gcr3(gcr3, PASID, root);
        bed.mapGuest(root, 4, 0x5000, DATA);
        long[] words = Dte.passThrough(DID);
        Dte.putGuest(words, gcr3, 1, 4);
        bed.entry(ID, words);
        for (int i = 0; i < 2; i++) {
            DmaRequest request = issue(0, PASID, 0x5000);
            done(request);
            assertThat(request.ticks(Station.CONFIG_FETCH)).isEqualTo(2 * READ);
            assertThat(request.ticks(Station.CONFIG_CACHE) + request.ticks(Station.MAIN_TLB))
                    .isZero();
        }
    }
}
