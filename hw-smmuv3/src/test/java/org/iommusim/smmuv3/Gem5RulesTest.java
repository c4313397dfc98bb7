package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.iommusim.smmuv3.Gem5Bed.DATA;
import static org.iommusim.smmuv3.Gem5Bed.M;
import static org.iommusim.smmuv3.Gem5Bed.MISS;
import static org.iommusim.smmuv3.Gem5Bed.READ;
import static org.iommusim.smmuv3.Gem5Bed.SID;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.stats.Counter;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** gem5's timing rules beyond the plain cases of {@link Gem5CostTest}: formulas in cycles, and what finds what. */
class Gem5RulesTest {
    /** Walk cache lookup of one level. */
    private static final int LOOKUP = 4;
    /** The last level of a stage, after a hit of the level above. */
    private static final int LAST = LOOKUP + 1 + READ;
    /** STE and CD. */
    private static final int CONFIG = 2 * (1 + M);

    @Test
    void shouldTakeABeatForEachWidthOfAWrite() {
        Gem5Bed bed = Gem5Bed.with("memory_port_bytes", 8).stage1(1);
        bed.cost(0);
        DmaRequest write = new DmaRequest();
        write.begin(9, SID, DmaRequest.NO_PASID, 0x40, 60, true, bed.bed.sim.now());
        write.enter(Station.FRONT_END, bed.bed.sim.now());
        bed.bed.issue(write);
        bed.bed.sim.scheduler().run();

        assertThat(write.ticks(Station.FRONT_END)).as("4 beats of 16 bytes").isEqualTo(4000);
        assertThat(Gem5Bed.cycles(write))
                .as("micro TLB, and 8 beats of 8 bytes")
                .isEqualTo(1 + 8);
    }

    @Test
    void shouldWaitForAMissOfAnotherStream() {
        assertThat(secondOfTwoStreams(0).ticks(Station.HAZARD)).isPositive();
        assertThat(secondOfTwoStreams(0).ticks(Station.MAIN_TLB))
                .as("looked up again")
                .isEqualTo(6000);
        assertThat(secondOfTwoStreams(1).ticks(Station.HAZARD)).isZero();
    }

    private static DmaRequest secondOfTwoStreams(long byStream) {
        Gem5Bed bed = Gem5Bed.with("hazard_by_stream", byStream).stage1(1);
        bed.stream(SID + 1);
        bed.bed.issue(bed.bed.request(SID, DmaRequest.NO_PASID, 0, false));
        DmaRequest second = bed.bed.issue(bed.bed.request(SID + 1, DmaRequest.NO_PASID, 0, false));
        bed.bed.sim.scheduler().run();
        return second;
    }

    // ---- shared TLB and IPA cache

    @Test
    void shouldFindOtherStreamsPagesInTheSharedTlb() {
        Gem5Bed bed = Gem5Bed.with("tcu_tlb", 1).stage1(2);
        bed.stream(SID + 1);

        assertThat(bed.cost(0)).isEqualTo(MISS + CONFIG + 3 + 3 * LOOKUP + 1 + 4 * READ);
        assertThat(bed.cost(0x1000)).isEqualTo(MISS + 3 + LAST);
        assertThat(bed.cost(SID + 1, 0)).as("its own configuration, no walk").isEqualTo(MISS + CONFIG + 3);
        assertThat(bed.cost(SID + 1, 0x1000)).isEqualTo(MISS + 3);
    }

    @Test
    void shouldForgetSharedPagesThatAreInvalidated() {
        Gem5Bed bed = Gem5Bed.with("tcu_tlb", 1).stage1(1);
        bed.stream(SID + 1);
        bed.cost(0);
        bed.tables.map(0, DATA + 0x5000, Vmsav8Tables.S1_PAGE);
        bed.bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VA, Gem5Bed.VMID, Gem5Bed.ASID), Cmd.tlbi1(0, true));

        assertThat(bed.bed.dmaRead(SID + 1, 0).physicalAddress()).isEqualTo(DATA + 0x5000);
        assertThat(bed.bed.sim.violations().violations()).isEmpty();
    }

    @Test
    void shouldAskTheIpaCacheBeforeStage2() {
        Gem5Bed bed = Gem5Bed.with("ipa_cache", 1);
        Vmsav8Tables stage1 = bed.nested();
        stage1.map(0x10_0000, 0x3_0000, Vmsav8Tables.S1_PAGE);
        stage1.map(0x10_1000, 0x3_1000, Vmsav8Tables.S1_PAGE);
        stage1.map(0x10_2000, 0x3_0000, Vmsav8Tables.S1_PAGE);
        bed.cost(0x10_0000);

        assertThat(bed.cost(0x10_1000)).as("another IPA").isEqualTo(MISS + LAST + 3 + LAST);
        assertThat(bed.cost(0x10_2000)).as("an IPA that is known").isEqualTo(MISS + LAST + 3);
    }

    @Test
    void shouldForgetIpasThatAreInvalidated() {
        Gem5Bed bed = Gem5Bed.with("ipa_cache", 1);
        Vmsav8Tables stage1 = bed.nested();
        stage1.map(0x10_0000, 0x3_0000, Vmsav8Tables.S1_PAGE);
        bed.cost(0x10_0000);
        bed.tables.map(0x3_0000, DATA, Vmsav8Tables.S2_PAGE);
        bed.bed.put(Cmd.tlbi0(Cmd.TLBI_S2_IPA, Gem5Bed.VMID, 0), Cmd.tlbi1(0x3_0000, true));
        bed.bed.command(Cmd.tlbi0(Cmd.TLBI_NH_ALL, Gem5Bed.VMID, 0), 0);

        assertThat(bed.output(0x10_0008)).isEqualTo(DATA + 8);
        assertThat(bed.bed.sim.violations().violations()).isEmpty();
    }

    // ---- walk cache

    @Test
    void shouldSearchOnlyTheLevelsOfTheMask() {
        assertThat(secondPage(Map.of("walk_s1_levels", 2L))).isEqualTo(MISS + LOOKUP + 1 + 2 * READ);
        assertThat(secondPage(Map.of("walk_s1_levels", 0L))).isEqualTo(MISS + 1 + 4 * READ);
        assertThat(secondPage(Map.of("walk_cache", 0L))).isEqualTo(MISS + 1 + 4 * READ);
        assertThat(secondPage(Map.of("walk_s1_levels", 15L))).isEqualTo(MISS + 2 * LOOKUP + 1 + READ);
    }

    private static long secondPage(Map<String, Long> parameters) {
        Gem5Bed bed = new Gem5Bed(parameters).stage1(2);
        bed.cost(0);
        return bed.cost(0x1000);
    }

    @Test
    void shouldKeepPagesIfLevel3IsInTheMask() {
        Gem5Bed bed = new Gem5Bed(Map.of("walk_s1_levels", 15L, "utlb", 0L, "tlb", 0L)).stage1(1);
        bed.cost(0);
        assertThat(bed.cost(0)).isEqualTo(MISS - 4 + LOOKUP);
    }

    /** A block of stage 1 over pages of stage 2: kept for the page, in the page's set, and looked for in the block's. */
    @Test
    void shouldKeepASplitBlockForOnePage() {
        Gem5Bed bed = new Gem5Bed(Map.of("utlb", 0L, "tlb", 0L));
        Vmsav8Tables stage1 = bed.nested();
        stage1.mapBlock(0, 0x4000_0000, Vmsav8Tables.S1_PAGE);
        for (long page = 0; page < 3; page++) {
            bed.tables.map(0x4000_0000 + 0x1000 * page, DATA + 0x1000 * page, Vmsav8Tables.S2_PAGE);
        }
        bed.cost(0);
        bed.cost(0x1000);

        int miss = MISS - 4;
        assertThat(bed.cost(0)).as("both sets are the first").isEqualTo(miss + LOOKUP + LAST);
        assertThat(bed.cost(0x1000)).as("its entry is in the second set").isEqualTo(miss + LOOKUP + LAST + LAST);
        assertThat(bed.output(0x8)).isEqualTo(DATA + 8);
        assertThat(bed.output(0x2008)).isEqualTo(DATA + 0x2008);
    }

    // ---- sizes of pages

    @Test
    void shouldKeepABypassOnce() {
        Gem5Bed bed = new Gem5Bed(Map.of());
        bed.bed.ste(SID, Ste.valid(Ste.BYPASS));

        assertThat(bed.cost(0x1000)).isEqualTo(MISS + 1 + M);
        assertThat(bed.cost(0x7654_3210L)).isEqualTo(2);
        assertThat(bed.output(0x7654_3210L)).isEqualTo(0x7654_3210L);
        assertThat(bed.bed.dmaRead(SID, 1L << 50).outcome().completed())
                .as("too wide")
                .isFalse();
    }

    @Test
    void shouldKnowRunsOfPages() {
        Gem5Bed bed = new Gem5Bed(Map.of()).stage1(0);
        for (long page = 0; page < 16; page++) {
            bed.tables.map(0x1000 * page, DATA + 0x1000 * page, Vmsav8Tables.S1_PAGE | Vmsav8.CONTIGUOUS);
        }
        bed.cost(0);
        assertThat(bed.cost(0xf000)).isEqualTo(2);
        assertThat(bed.output(0xf008)).isEqualTo(DATA + 0xf008);
    }

    @Test
    void shouldNotKnowRunsOfBlocks() {
        assertThat(secondOfARunOfBlocks(1)).isEqualTo(MISS + 2 * LOOKUP + 1 + READ);
        assertThat(secondOfARunOfBlocks(0)).as("as the architecture has it").isEqualTo(2);
    }

    private static long secondOfARunOfBlocks(long shortRuns) {
        Gem5Bed bed = Gem5Bed.with("short_runs", shortRuns).stage1(0);
        for (long block = 0; block < 16; block++) {
            bed.tables.mapBlock(block << 21, DATA + (block << 21), Vmsav8Tables.S1_PAGE | Vmsav8.CONTIGUOUS);
        }
        bed.cost(0);
        return bed.cost(1L << 21);
    }

    // ---- commands

    /** One cycle until the queue begins; then, for each command, one at the port and the memory; the rest takes no time. */
    @Test
    void shouldTakeOneReadForEachCommand() {
        Gem5Bed bed = new Gem5Bed(Map.of()).stage1(1);
        bed.cost(0);
        long before = bed.bed.sim.now();
        bed.bed.command(Cmd.cfgiSte0(SID), 1); // and a CMD_SYNC

        assertThat(bed.bed.sim.now() - before).isEqualTo(1000 * (1 + 2 * (1 + M)));
    }

    // ---- translating ahead

    @Test
    void shouldTranslateThePageBehindAMissAhead() {
        Gem5Bed bed = Gem5Bed.with("prefetch", 1).stage1(4);
        bed.cost(0x123);

        assertThat(bed.cost(0x1000)).as("main TLB").isEqualTo(5);
        // That hit was of an entry that had been translated ahead, and so on.
        assertThat(bed.cost(0x2000)).isEqualTo(5);
        assertThat(bed.cost(0x3000)).isEqualTo(5);
        assertThat(bed.output(0x3008)).isEqualTo(DATA + 0x3008);
    }

    @Test
    void shouldNotTranslateAheadBehindAnOrdinaryHit() {
        Gem5Bed bed = new Gem5Bed(Map.of("prefetch", 1L, "utlb", 0L)).stage1(3);
        bed.cost(0);
        bed.cost(0);
        bed.cost(0);
        assertThat(walks(bed)).as("pages 0 and 1").isEqualTo(2);
        bed.cost(0x1000);
        assertThat(walks(bed)).as("page 2").isEqualTo(3);
        bed.cost(0x1000);
        assertThat(walks(bed)).as("it is known").isEqualTo(3);
    }

    @Test
    void shouldNotTranslateAheadWithoutASlot() {
        Gem5Bed bed = new Gem5Bed(Map.of("prefetch", 1L, "tbu_slots", 1L)).stage1(2);
        bed.cost(0);
        assertThat(bed.cost(0x1000)).isEqualTo(MISS + LAST);
    }

    @Test
    void shouldRecordNothingThatNobodyAskedFor() {
        Gem5Bed bed = Gem5Bed.with("prefetch", 1).stage1(1);
        bed.cost(0);
        assertThat(walks(bed)).isEqualTo(2);
        assertThat(bed.bed.events()).isZero();
        assertThat(bed.bed.dmaRead(SID, 0x1000).outcome().completed()).isFalse();
        assertThat(bed.bed.events()).isEqualTo(1);
    }

    @Test
    void shouldReserveAWayForWhatIsTranslatedAhead() {
        // One set of two ways. Pages 0 and 8 share the first one, pages 1 and 9 follow each other in the other one.
        Map<String, Long> parameters = Map.of("prefetch", 1L, "tlb_entries", 2L, "tlb_ways", 2L, "utlb", 0L);
        Gem5Bed bed = new Gem5Bed(parameters).stage1(16);
        bed.cost(0);
        bed.cost(0x8000);

        assertThat(bed.cost(0x9000)).isEqualTo(4);
        assertThat(bed.cost(0x8000)).isEqualTo(4);
        assertThat(bed.cost(0)).isEqualTo(MISS - 1 + LAST);
    }

    private static long walks(Gem5Bed bed) {
        return ((Counter) bed.bed.sim.statistics().find("smmu0.walker.walks").orElseThrow()).value();
    }
}
