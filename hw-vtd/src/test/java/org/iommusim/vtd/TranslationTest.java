package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.format.MemoryType;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of translation ends where the tables say, whoever asks. */
class TranslationTest {
    private static final int SID = 0x128;
    private static final long DATA = 0x2000_0000L;
    private static final long RW = SsPte.R | SsPte.W;

    private static VtdTestbed legacy() {
        return VtdTestbed.of("legacy").legacy();
    }

    private static VtdTestbed scalable() {
        VtdTestbed bed = VtdTestbed.of("scalable").scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        return bed;
    }

    private static void ends(DmaRequest request, long at) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(at);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    // ---- not translated

    @Test
    void shouldPassEverythingWhileTranslationIsOff() {
        VtdTestbed bed = VtdTestbed.of("legacy").prepare(Reg.TTM_LEGACY);
        DmaRequest request = bed.dmaWrite(SID, DATA);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(request.physicalAddress()).isEqualTo(DATA);
    }

    @Test
    void shouldPassWhatTheContextEntryLetsPass() {
        VtdTestbed bed = legacy();
        bed.context(SID, ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, 4, 1));
        DmaRequest request = bed.dmaRead(SID, DATA + 8);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(request.physicalAddress()).isEqualTo(DATA + 8);
        assertThat(request.ticks(Station.MAIN_TLB)).isZero();
    }

    @Test
    @Rule("VTD-PASID-11")
    void shouldPassWhatThePasidEntryLetsPass() {
        VtdTestbed bed = scalable();
        bed.pasid(0, PasidEntry.passThrough(1));
        assertThat(bed.dmaRead(SID, DATA + 8).outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    // ---- second stage

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void shouldWalkLegacyTables(int levels) {
        VtdTestbed bed = legacy();
        long root = bed.page();
        bed.mapSecond(root, levels, 0x12_3456_7000L, DATA);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, levels, 7));

        DmaRequest request = bed.dmaRead(SID, 0x12_3456_7018L);

        ends(request, DATA + 0x18);
        assertThat(request.ticks(Station.STAGE2_READ)).isEqualTo(levels * 101_000L);
        assertThat(request.ticks(Station.STAGE1_READ)).isZero();
        assertThat(bed.faults()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, 1", "4, 2", "5, 0", "5, 2"})
    @Rule("VTD-PASID-11")
    void shouldWalkSecondStagesOfScalableMode(int levels, int large) {
        VtdTestbed bed = scalable();
        long root = bed.page();
        long target = 0x4000_0000L - (large == 0 ? 0x1000 : 0);
        long iova = levels == 5 ? 1L << 50 : 1L << 40;
        bed.mapSecond(root, levels, iova, large == 2 ? 0 : target & -1L << 12 + 9 * large, large, RW);
        bed.pasid(0, PasidEntry.secondStage(root, levels, 5));
        ends(bed.dmaWrite(SID, iova + 0x340), (large == 2 ? 0 : target & -1L << 12 + 9 * large) + 0x340);
    }

    @Test
    void shouldKeepSecondStagesOfDomainsApart() {
        VtdTestbed bed = legacy();
        for (int i = 0; i < 3; i++) {
            long root = bed.page();
            bed.mapSecond(root, 3, 0x5000, DATA + 0x1000L * i);
            bed.context(SID + i, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, 10 + i));
        }
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3; i++) {
                ends(bed.dmaRead(SID + i, 0x5000), DATA + 0x1000L * i);
            }
        }
    }

    @Test
    @Rule("VTD-PASID-13")
    void shouldShareTranslationsOfADomain() {
        VtdTestbed bed = legacy();
        long root = bed.page();
        bed.mapSecond(root, 3, 0x5000, DATA);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, 10));
        bed.context(SID + 8, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, 10));
        ends(bed.dmaRead(SID, 0x5000), DATA);
        DmaRequest other = bed.dmaRead(SID + 8, 0x5008);
        ends(other, DATA + 8);
        assertThat(other.misses()).isZero();
        assertThat(other.ticks(Station.CONFIG_FETCH)).isPositive();
    }

    @Test
    void shouldSetAccessedAndDirtyOfTheSecondStageIfAsked() {
        VtdTestbed bed = scalable();
        long root = bed.page();
        long entry = bed.mapSecond(root, 4, 0x5000, DATA);
        long[] words = PasidEntry.secondStage(root, 4, 5);
        PasidEntry.SSADE.put(words, 1);
        bed.pasid(0, words);
        bed.dmaRead(SID, 0x5000);
        assertThat(bed.memory.read64(entry)).isEqualTo(DATA | RW | SsPte.A);
        bed.dmaWrite(SID, 0x5000);
        assertThat(bed.memory.read64(entry)).isEqualTo(DATA | RW | SsPte.A | SsPte.D);
    }

    // ---- first stage

    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    @Rule("VTD-PASID-04")
    @Rule("VTD-PASID-11")
    void shouldWalkFirstStages(int levels) {
        VtdTestbed bed = scalable();
        long root = bed.page();
        long high = levels == 5 ? 0xff00_0000_0000_5000L : 0xffff_8000_0000_5000L;
        long entry = bed.mapFirst(root, levels, 0x7000, DATA);
        bed.mapFirst(root, levels, high, DATA + 0x1000);
        bed.pasid(0x1234, PasidEntry.firstStage(root, levels, 5));

        ends(bed.dma(bed.request(SID, 0x1234, 0x7010, true)), DATA + 0x10);
        ends(bed.dma(bed.request(SID, 0x1234, high, false)), DATA + 0x1000);
        assertThat(bed.memory.read64(entry) & (X86Pte.A | X86Pte.D)).isEqualTo(X86Pte.A | X86Pte.D);
    }

    @Test
    @Rule("VTD-AD-03")
    void shouldComeBackForTheFirstWriteOfACleanPage() {
        VtdTestbed bed = scalable();
        long root = bed.page();
        long entry = bed.mapFirst(root, 4, 0x7000, DATA);
        bed.pasid(3, PasidEntry.firstStage(root, 4, 5));
        bed.dma(bed.request(SID, 3, 0x7000, false));
        assertThat(bed.memory.read64(entry) & X86Pte.D).isZero();
        assertThat(bed.dma(bed.request(SID, 3, 0x7000, false)).misses()).isZero();
        assertThat(bed.dma(bed.request(SID, 3, 0x7000, true)).misses()).isEqualTo(1);
        assertThat(bed.memory.read64(entry) & X86Pte.D).isNotZero();
        assertThat(bed.dma(bed.request(SID, 3, 0x7000, true)).misses()).isZero();
    }

    @Test
    @Rule("VTD-PASID-12")
    void shouldKeepPasidsApart() {
        VtdTestbed bed = scalable();
        for (int pasid = 1; pasid < 4; pasid++) {
            long root = bed.page();
            bed.mapFirst(root, 4, 0x7000, DATA + 0x1000L * pasid);
            bed.pasid(pasid, PasidEntry.firstStage(root, 4, 1));
        }
        for (int round = 0; round < 2; round++) {
            for (int pasid = 1; pasid < 4; pasid++) {
                ends(bed.dma(bed.request(SID, pasid, 0x7000, false)), DATA + 0x1000L * pasid);
            }
        }
    }

    @Test
    @Rule("VTD-PASID-12")
    void shouldShareGlobalPagesOfADomain() {
        VtdTestbed bed = scalable();
        for (int pasid = 1; pasid < 3; pasid++) {
            long root = bed.page();
            bed.mapFirst(root, 4, 0x7000, DATA, X86Pte.US | X86Pte.RW | X86Pte.G);
            bed.pasid(pasid, PasidEntry.firstStage(root, 4, 1));
        }
        ends(bed.dma(bed.request(SID, 1, 0x7000, false)), DATA);
        DmaRequest other = bed.dma(bed.request(SID, 2, 0x7000, false));
        ends(other, DATA);
        assertThat(other.misses()).isZero();
    }

    // ---- RID_PASID

    @ParameterizedTest
    @CsvSource({"1, 77", "0, 0"})
    @Rule("VTD-PASID-01")
    void shouldTakeRidPasidIfTheUnitHasIt(long rps, int used) {
        VtdTestbed bed = VtdTestbed.of("scalable", Map.of("rps", rps)).scalable();
        long[] function = VtdTestbed.function();
        ScalableContextEntry.RID_PASID.put(function, 77);
        bed.scalableContext(SID, function);
        long root = bed.page();
        bed.mapSecond(root, 4, 0x5000, DATA);
        bed.pasid(used, PasidEntry.secondStage(root, 4, 5));
        ends(bed.dmaRead(SID, 0x5000), DATA);
    }

    // ---- both stages

    @Test
    @Rule("VTD-PASID-11")
    void shouldTranslateBothStages() {
        VtdTestbed bed = scalable();
        NestedTables nested = new NestedTables(bed);
        nested.map(0x1000, 0x9000, DATA);
        bed.pasid(3, nested.entry(10));

        DmaRequest write = bed.dma(bed.request(SID, 3, 0x1010, true));

        ends(write, DATA + 0x10);
        assertThat(write.ticks(Station.STAGE1_READ)).isPositive();
        assertThat(bed.memory.read64(nested.entryAddress(0x1000)) & 0x60).isEqualTo(0x60);
        DmaRequest again = bed.dma(bed.request(SID, 3, 0x1020, true));
        ends(again, DATA + 0x20);
        assertThat(again.misses()).isZero();
    }

    @Test
    void shouldHandOnTheMemoryType() {
        VtdTestbed bed = legacy();
        long root = bed.page();
        bed.mapSecond(root, 3, 0x5000, DATA);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, 10));
        assertThat(bed.dmaRead(SID, 0x5000).memoryAttributes()).isEqualTo(MemoryType.WB | MemoryType.SNOOP);
    }

    @Test
    void shouldHandOnTheMemoryTypesOfBothStagesIfTheUnitHasThem() {
        for (long mts = 0; mts < 2; mts++) {
            VtdTestbed bed = VtdTestbed.of("scalable", Map.of("mts", mts)).scalable();
            NestedTables tables = new NestedTables(bed);
            tables.map(0x5000, 0x7000, DATA);
            bed.memory.write64(tables.entryAddress(0x5000), 0x7000 | X86Pte.page(0, true) | X86Pte.PWT);
            long[] words = PasidEntry.nested(PasidEntry.secondStage(tables.second, 4, 5), NestedTables.FIRST, 4, 6);
            PasidEntry.PAT.put(words, (long) MemoryType.WC << 4 | MemoryType.WB);
            bed.scalableContext(SID, VtdTestbed.function());
            bed.pasid(0, words);
            int wanted = mts == 0 ? MemoryType.WB | MemoryType.SNOOP : MemoryType.WC;
            assertThat(bed.dmaRead(SID, 0x5000).memoryAttributes()).isEqualTo(wanted);
        }
    }
}
