package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.Counter;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that need the same configuration, or walks that need the same table entry, at the same time. */
class CoalescingTest {
    private static final int STREAMS = 4;
    private static final int VMID = 7;
    private static final int ASID = 5;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long DATA = 0x2000_0000;

    /** Streams 0 to 3 with the same tables, but CDs of their own. */
    private static Smmuv3Testbed bed(Map<String, Long> parameters) {
        Smmuv3Testbed bed =
                Smmuv3Testbed.of("mmu-600", new TreeMap<>(parameters)).enable();
        Vmsav8Tables tables = tables(bed);
        for (long page = 0; page < 16; page++) {
            tables.map(page << 12, DATA + (page << 12), Vmsav8Tables.S1_PAGE);
        }
        for (int sid = 0; sid < STREAMS; sid++) {
            bed.words(CD + 0x1000L * sid, Smmuv3Testbed.cd(tables.root(), ASID));
            bed.ste(sid, Smmuv3Testbed.stage1Ste(CD + 0x1000L * sid, VMID));
        }
        return bed;
    }

    private static Vmsav8Tables tables(Smmuv3Testbed bed) {
        return new Vmsav8Tables(bed.memory, TABLES, 0);
    }

    private static long count(Smmuv3Testbed bed, String name) {
        return ((Counter) bed.sim.statistics().find("smmu0." + name).orElseThrow()).value();
    }

    /** Issues one read each at the same time, and runs until all are done; the time that it took. */
    private static long issue(Smmuv3Testbed bed, int[] sids, long[] pages) {
        long start = bed.sim.now();
        List<DmaRequest> requests = new ArrayList<>();
        for (int i = 0; i < sids.length; i++) {
            requests.add(bed.issue(bed.request(sids[i], DmaRequest.NO_PASID, pages[i] << 12, false)));
        }
        bed.sim.scheduler().run();
        long last = 0;
        for (int i = 0; i < sids.length; i++) {
            DmaRequest request = requests.get(i);
            assertThat(request.physicalAddress()).isEqualTo(DATA + (pages[i] << 12));
            assertThat(request.totalTicks()).isEqualTo(request.latency());
            last = Math.max(last, request.translatedAt());
        }
        return last - start;
    }

    @Test
    void shouldWalkOnceForAPageOfAStream() {
        Smmuv3Testbed bed = bed(Map.of());
        issue(bed, new int[] {1, 1, 1}, new long[] {5, 5, 5});

        assertThat(count(bed, "walker.walks")).isEqualTo(1);
        assertThat(bed.done).extracting(DmaRequest::misses).containsExactly(1L, 0L, 0L);
        assertThat(bed.done.get(2).ticks(Station.HAZARD)).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 3", "0, 4, 0"})
    void shouldReadTheConfigurationOfAStreamOnce(long merges, long fetches, long waits) {
        Smmuv3Testbed bed = bed(Map.of("merge_config", merges));
        issue(bed, new int[] {1, 1, 1, 1}, new long[] {0, 1, 2, 3});

        assertThat(count(bed, "ste_fetches")).isEqualTo(fetches);
        assertThat(count(bed, "cd_fetches")).isEqualTo(fetches);
        assertThat(count(bed, "merged_fetches")).isEqualTo(waits);
    }

    @Test
    void shouldReadTheConfigurationOfEveryStream() {
        Smmuv3Testbed bed = bed(Map.of());
        issue(bed, new int[] {0, 1, 2, 3}, new long[] {0, 1, 2, 3});
        assertThat(count(bed, "ste_fetches")).isEqualTo(4);
        assertThat(count(bed, "merged_fetches")).isZero();
    }

    @Test
    void shouldRefuseAllWhoWaitForABadConfiguration() {
        Smmuv3Testbed bed = bed(Map.of());
        List<DmaRequest> requests = new ArrayList<>();
        for (long page = 0; page < 3; page++) {
            requests.add(bed.issue(bed.request(9, DmaRequest.NO_PASID, page << 12, false)));
        }
        bed.sim.scheduler().run();
        assertThat(requests).allSatisfy(r -> assertThat(r.faultCode()).isEqualTo(Event.C_BAD_STE));
        assertThat(bed.events()).isEqualTo(3);
        assertThat(count(bed, "ste_fetches")).as("what is invalid is not kept").isEqualTo(3);
    }

    /** Without walk caches, so that all walks take equally long. */
    private static Smmuv3Testbed uncached(long configWalks) {
        return bed(Map.of(
                "config_walks", configWalks, "walk_s1_l0", 0L, "walk_s1_l1", 0L, "walk_s1_l2", 0L, "walk_s1_l3", 0L));
    }

    @Test
    void shouldReadSoManyConfigurationsAtATimeAsThereAreWalks() {
        int[] sids = {0, 1, 2, 3};
        long[] pages = {0, 1, 2, 3};
        long any = issue(uncached(0), sids, pages);
        long four = issue(uncached(4), sids, pages);
        long two = issue(uncached(2), sids, pages);
        long one = issue(uncached(1), sids, pages);

        // Two reads of 30 ns each per stream.
        assertThat(four).isEqualTo(any);
        assertThat(two).isGreaterThan(four + 55_000).isLessThan(four + 70_000);
        assertThat(one).isGreaterThan(two + 110_000).isLessThan(two + 140_000);
    }

    @ParameterizedTest
    @CsvSource({"1, 4, 12", "0, 16, 0"})
    void shouldReadTheSameTableEntryOnce(long merges, long reads, long merged) {
        Smmuv3Testbed bed = bed(Map.of("merge_walks", merges));
        // The configuration is there, so that the walks of all streams begin together.
        issue(bed, new int[] {0, 1, 2, 3}, new long[] {8, 8, 8, 8});
        bed.command(Cmd.TLBI_NSNH_ALL, 0);
        long readsBefore = count(bed, "walker.stage1_reads");
        long mergedBefore = count(bed, "walker.merged_reads");

        issue(bed, new int[] {0, 1, 2, 3}, new long[] {5, 5, 5, 5});

        assertThat(count(bed, "walker.stage1_reads") - readsBefore).isEqualTo(reads);
        assertThat(count(bed, "walker.merged_reads") - mergedBefore).isEqualTo(merged);
    }

    @Test
    void shouldShareTheEntriesThatLeadToDifferentPages() {
        Smmuv3Testbed bed = bed(Map.of("merge_config", 1L));
        issue(bed, new int[] {0, 1}, new long[] {8, 8});
        bed.command(Cmd.TLBI_NSNH_ALL, 0);
        long before = count(bed, "walker.stage1_reads");

        issue(bed, new int[] {0, 1}, new long[] {5, 6});

        assertThat(count(bed, "walker.stage1_reads") - before)
                .as("three tables, two leaves")
                .isEqualTo(5);
    }

    @Test
    void shouldTellAllWhoShareAReadThatItWasAborted() {
        Smmuv3Testbed bed = bed(Map.of());
        issue(bed, new int[] {0, 1}, new long[] {8, 8});
        bed.command(Cmd.TLBI_NSNH_ALL, 0);
        long leaf = tables(bed).entry(5 << 12, 3);
        bed.device.busFaults().orElseThrow().abortReads(leaf, 8);

        DmaRequest one = bed.issue(bed.request(0, DmaRequest.NO_PASID, 5 << 12, false));
        DmaRequest two = bed.issue(bed.request(1, DmaRequest.NO_PASID, 5 << 12, false));
        bed.sim.scheduler().run();

        for (DmaRequest request : List.of(one, two)) {
            assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
            assertThat(request.faultCode()).isEqualTo(Event.F_WALK_EABT);
        }
        assertThat(Event.FETCH_ADDR.inPlace(bed.event(0, 3))).isEqualTo(leaf);
        assertThat(bed.event(1, 3)).isEqualTo(bed.event(0, 3));
    }

    @Test
    void shouldNotMergeWhereGem5DoesNot() {
        Smmuv3Testbed gem5 = Smmuv3Testbed.of("gem5-default").enable();
        Vmsav8Tables tables = tables(gem5);
        for (long page = 0; page < 4; page++) {
            tables.map(page << 12, DATA + (page << 12), Vmsav8Tables.S1_PAGE);
        }
        gem5.words(CD, Smmuv3Testbed.cd(tables.root(), ASID));
        gem5.ste(1, Smmuv3Testbed.stage1Ste(CD, VMID));
        issue(gem5, new int[] {1, 1, 1, 1}, new long[] {0, 1, 2, 3});

        assertThat(count(gem5, "ste_fetches")).isEqualTo(4);
        assertThat(count(gem5, "walker.merged_reads")).isZero();
    }
}
