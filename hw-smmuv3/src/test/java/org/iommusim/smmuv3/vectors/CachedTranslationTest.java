package org.iommusim.smmuv3.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.conform.CachedResult;
import org.iommusim.hw.conform.VectorBench;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.smmuv3.Smmuv3Testbed;
import org.iommusim.smmuv3.Vmsav8Tables;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** Which commands require which results to be dropped, and which may be kept at all. */
class CachedTranslationTest {
    private static final int SID = 3;
    private static final int VMID = 9;
    private static final int ASID = 5;
    private static final long IOVA = 0x1_2345_6abcL;
    private static final long BLOCK = 0x1_2340_0000L;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600").enable();
    private final VectorBench bench = new Smmuv3Vectors().bench(bed.device, bed.memory);
    private final Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);

    private static final long[] NSNH_ALL = {Cmd.tlbi0(Cmd.TLBI_NSNH_ALL, 0, 0), 0};
    private static final long[] VMALL = {Cmd.tlbi0(Cmd.TLBI_S12_VMALL, VMID, 0), 0};
    private static final long[] VMALL_OTHER = {Cmd.tlbi0(Cmd.TLBI_S12_VMALL, 8, 0), 0};
    private static final long[] NH_ALL = {Cmd.tlbi0(Cmd.TLBI_NH_ALL, VMID, 0), 0};
    private static final long[] NH_ASID = {Cmd.tlbi0(Cmd.TLBI_NH_ASID, VMID, ASID), 0};
    private static final long[] NH_ASID_OTHER = {Cmd.tlbi0(Cmd.TLBI_NH_ASID, VMID, 6), 0};
    private static final long[] NH_VA = {Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID), Cmd.tlbi1(IOVA, true)};
    private static final long[] NH_VA_OTHER = {Cmd.tlbi0(Cmd.TLBI_NH_VA, VMID, ASID), Cmd.tlbi1(IOVA + 4096, true)};
    private static final long[] NH_VAA = {Cmd.tlbi0(Cmd.TLBI_NH_VAA, VMID, 0), Cmd.tlbi1(IOVA, true)};
    private static final long[] S2_IPA = {Cmd.tlbi0(Cmd.TLBI_S2_IPA, VMID, 0), Cmd.tlbi1(IOVA, true)};
    private static final long[] CFGI_STE = {Cmd.cfgiSte0(SID), Cmd.leaf1(true)};
    private static final long[] CFGI_STE_OTHER = {Cmd.cfgiSte0(SID + 1), Cmd.leaf1(true)};
    private static final long[] CFGI_CD = {Cmd.cfgiCd0(SID, 0), Cmd.leaf1(true)};
    private static final long[] CFGI_ALL = {Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(Cmd.RANGE_ALL)};
    private static final long[] CFGI_FIRST_TWO = {Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(0)};
    private static final long[] CFGI_FIRST_FOUR = {Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(1)};

    private void stage1() {
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), ASID));
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, VMID));
        tables.map(IOVA & -4096L, 0x2000_0000, Vmsav8Tables.S1_PAGE);
    }

    private CachedResult passed() {
        return bench.remember(SID, DmaRequest.NO_PASID, IOVA, true, null);
    }

    private boolean allowedAfter(long[]... commands) {
        CachedResult result = passed();
        assertThat(result.allowed()).isTrue();
        List.of(commands).forEach(result::completed);
        return result.allowed();
    }

    @Test
    void shouldDropStage1TranslationsByTheirTags() {
        stage1();
        for (long[] drops : List.of(NSNH_ALL, VMALL, NH_ALL, NH_ASID, NH_VA, NH_VAA)) {
            assertThat(allowedAfter(drops)).as(Cmd.text(drops[0], drops[1])).isFalse();
        }
        for (long[] keeps : List.of(VMALL_OTHER, NH_ASID_OTHER, NH_VA_OTHER, S2_IPA, CFGI_STE, CFGI_CD, CFGI_ALL)) {
            assertThat(allowedAfter(keeps)).as(Cmd.text(keeps[0], keeps[1])).isTrue();
        }
    }

    @Test
    void shouldKeepGlobalTranslationsByAsid() {
        stage1();
        tables.map(IOVA & -4096L, 0x2000_0000, Vmsav8Tables.S1_PAGE & ~(1 << 11));
        assertThat(allowedAfter(NH_ASID)).isTrue();
        assertThat(allowedAfter(NH_VA)).isFalse();
    }

    @Test
    void shouldDropBlocksByAnyOfTheirAddresses() {
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), ASID));
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, VMID));
        tables.mapBlock(BLOCK, 0x2000_0000, Vmsav8Tables.S1_PAGE);
        assertThat(allowedAfter(NH_VA_OTHER)).isFalse();
        long[] below = {NH_VA[0], Cmd.tlbi1(BLOCK - 4096, true)};
        long[] behind = {NH_VA[0], Cmd.tlbi1(BLOCK + (2 << 20), true)};
        assertThat(allowedAfter(below, behind)).isTrue();
        long[] range = {Cmd.tlbiRange0(Cmd.TLBI_NH_VA, VMID, ASID, 1, 0), Cmd.tlbiRange1(BLOCK - 4096, true, 0, 1)};
        assertThat(allowedAfter(range)).isFalse();
    }

    @Test
    void shouldDropStage2TranslationsByIpa() {
        bed.ste(SID, Smmuv3Testbed.stage2Ste(tables.root(), VMID));
        tables.map(IOVA & -4096L, 0x2000_0000, Vmsav8Tables.S2_PAGE);
        for (long[] drops : List.of(NSNH_ALL, VMALL, S2_IPA)) {
            assertThat(allowedAfter(drops)).as(Cmd.text(drops[0], drops[1])).isFalse();
        }
        for (long[] keeps : List.of(VMALL_OTHER, NH_ALL, NH_VA, NH_VAA, CFGI_STE)) {
            assertThat(allowedAfter(keeps)).as(Cmd.text(keeps[0], keeps[1])).isTrue();
        }
    }

    @Test
    void shouldKeepCombinedTranslationsWhenOnlyStage2IsInvalidated() {
        for (long ipa = 0; ipa < 0x20_0000; ipa += 4096) {
            tables.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
        }
        tables.map(0x4000_0000, 0x2000_0000, Vmsav8Tables.S2_PAGE);
        Vmsav8Tables guest = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        guest.map(IOVA & -4096L, 0x4000_0000, Vmsav8Tables.S1_PAGE);
        bed.words(GUEST, Smmuv3Testbed.cd(guest.root(), ASID));
        bed.ste(SID, Smmuv3Testbed.nestedSte(0, tables.root(), VMID));
        long[] ipa = {S2_IPA[0], Cmd.tlbi1(0x4000_0000, true)};
        assertThat(allowedAfter(ipa)).isTrue();
        assertThat(allowedAfter(ipa, NH_ALL)).isFalse();
        assertThat(allowedAfter(VMALL)).isFalse();
        assertThat(allowedAfter(NH_VA)).isFalse();
    }

    @Test
    void shouldFollowConfigurationThatIsReadAgain() {
        stage1();
        CachedResult result = passed();
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), ASID + 1));
        result.completed(CFGI_STE_OTHER);
        assertThat(result.allowed()).as("the old CD may be cached").isTrue();
        result.completed(CFGI_CD);
        assertThat(result.allowed())
                .as("another ASID finds another translation")
                .isFalse();
    }

    @Test
    void shouldDropWhatFollowsFromConfigurationAlone() {
        bed.ste(SID, Ste.abort());
        CachedResult aborted = bench.remember(SID, DmaRequest.NO_PASID, IOVA, false, null);
        aborted.completed(NSNH_ALL);
        aborted.completed(CFGI_STE_OTHER);
        aborted.completed(CFGI_FIRST_TWO);
        assertThat(aborted.allowed()).isTrue();
        aborted.completed(CFGI_FIRST_FOUR);
        assertThat(aborted.allowed()).isFalse();

        CachedResult bad = bench.remember(SID, DmaRequest.NO_PASID, IOVA, false, record(Event.C_BAD_CD));
        assertThat(bad.allowed()).isTrue();
        bad.completed(CFGI_ALL);
        assertThat(bad.allowed()).isFalse();
    }

    @Test
    void shouldNeverKeepFaultsForLackOfAMapping() {
        stage1();
        for (int code : List.of(Event.F_TRANSLATION, Event.F_ADDR_SIZE, Event.F_ACCESS, Event.F_WALK_EABT)) {
            assertThat(bench.remember(SID, DmaRequest.NO_PASID, IOVA, false, record(code))
                            .allowed())
                    .isFalse();
        }
        assertThat(bench.remember(SID, DmaRequest.NO_PASID, IOVA, false, record(Event.F_PERMISSION))
                        .allowed())
                .isTrue();
        assertThat(bench.remember(SID, DmaRequest.NO_PASID, IOVA, false, null).allowed())
                .as("aborted without a record although the stream translates")
                .isFalse();
    }

    private static long[] record(int code) {
        long w1 = Event.hasClass(code) ? Event.word1(false, false, true, false, Event.CLASS_IN) : 0;
        return new long[] {Event.word0(code, SID, -1), w1, IOVA, 0};
    }

    @Test
    void shouldReadContextsOfSubstreams() {
        long[] ste = Smmuv3Testbed.stage1Ste(CD, VMID);
        Ste.S1CDMAX.put(ste, 2);
        bed.ste(SID, ste);
        bed.words(CD + Cd.BYTES, Smmuv3Testbed.cd(tables.root(), ASID));
        tables.map(IOVA & -4096L, 0x2000_0000, Vmsav8Tables.S1_PAGE);
        CachedResult result = bench.remember(SID, 1, IOVA, true, null);
        result.completed(new long[] {Cmd.cfgiCd0(SID, 2), 0});
        assertThat(result.allowed()).isTrue();
        assertThat(bench.remember(SID, 4, IOVA, true, null).allowed())
                .as("beyond S1CDMax")
                .isFalse();
    }
}
