package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** What comes out of the device: addresses, outcomes, and the sum of the stations' ticks. */
class Smmuv3TranslationTest {
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of("mmu-600");

    private Vmsav8Tables stage1(int sid) {
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        bed.ste(sid, Smmuv3Testbed.stage1Ste(CD, 1));
        return tables;
    }

    private static void assertAccounted(DmaRequest request) {
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    @Test
    void shouldPassEverythingWhileDisabled() {
        DmaRequest request = bed.dmaRead(3, 0x1234_5678);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(request.physicalAddress()).isEqualTo(0x1234_5678);
        assertAccounted(request);
    }

    @Test
    void shouldAbortAnAddressThatIsTooWideWhileDisabled() {
        int bits = bed.device.ids().oasBits();

        assertThat(bed.dmaRead(3, (1L << bits) - 8).outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(bed.dmaRead(3, 1L << bits).outcome()).isEqualTo(DmaOutcome.ABORT);
    }

    @Test
    void shouldAbortWhileDisabledIfGbpaSaysSo() {
        bed.write(Reg.GBPA, Reg.GBPA_UPDATE | Reg.GBPA_ABORT);
        assertThat(bed.read(Reg.GBPA) & Reg.GBPA_UPDATE).isNotZero();
        bed.sim.scheduler().run();
        assertThat(bed.read(Reg.GBPA)).isEqualTo(Reg.GBPA_ABORT);

        DmaRequest request = bed.dmaRead(3, 0x1234_5678);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.ABORT);
        assertAccounted(request);
    }

    @Test
    void shouldBypassAStream() {
        bed.enable().ste(3, Ste.bypass());

        DmaRequest request = bed.dmaWrite(3, 0x1234_5678);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.BYPASS);
        assertThat(request.physicalAddress()).isEqualTo(0x1234_5678);
        assertAccounted(request);
    }

    @Test
    void shouldAbortAStreamWithoutAnEvent() {
        bed.enable().ste(3, Ste.abort());

        DmaRequest request = bed.dmaWrite(3, 0x1234_5678);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.events()).isZero();
        assertAccounted(request);
    }

    @Test
    void shouldTranslateByStage1() {
        bed.enable();
        Vmsav8Tables tables = stage1(3);
        tables.map(0x7f_1234_5000L, 0x2000_3000, Vmsav8Tables.S1_PAGE);
        tables.mapBlock(0x7f_4000_0000L, 0x2020_0000, Vmsav8Tables.S1_PAGE);

        assertThat(bed.dmaRead(3, 0x7f_1234_5678L).physicalAddress()).isEqualTo(0x2000_3678);
        assertThat(bed.dmaWrite(3, 0x7f_4012_3456L).physicalAddress()).isEqualTo(0x2032_3456);
        assertThat(bed.dmaWrite(3, 0x7f_4012_4456L).physicalAddress()).isEqualTo(0x2032_4456);
        assertThat(bed.done).allSatisfy(Smmuv3TranslationTest::assertAccounted);
        assertThat(bed.done).extracting(DmaRequest::misses).containsExactly(1L, 1L, 0L);
    }

    @Test
    void shouldTranslateByStage2() {
        bed.enable();
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        bed.ste(4, Smmuv3Testbed.stage2Ste(tables.root(), 7));
        tables.map(0x8000_0000L, 0x2000_3000, Vmsav8Tables.S2_PAGE);

        DmaRequest request = bed.dmaRead(4, 0x8000_0008L);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(0x2000_3008);
        assertAccounted(request);
    }

    /** Guest memory from IPA 0 lies at {@link #GUEST}; the CD is at IPA 0, the stage-1 tables from IPA 0x10000. */
    private Vmsav8Tables nested(int sid) {
        Vmsav8Tables stage2 = new Vmsav8Tables(bed.memory, TABLES, 0);
        for (long ipa = 0; ipa < 0x4_0000; ipa += 0x1000) {
            stage2.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
        }
        stage2.mapBlock(0x4000_0000L, 0x2000_0000, Vmsav8Tables.S2_PAGE);
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), 5));
        bed.ste(sid, Smmuv3Testbed.nestedSte(0, stage2.root(), 9));
        return stage1;
    }

    @Test
    void shouldTranslateByStage1OverStage2() {
        bed.enable();
        Vmsav8Tables stage1 = nested(5);
        stage1.map(0x1_2345_6000L, 0x4000_7000L, Vmsav8Tables.S1_PAGE);

        DmaRequest first = bed.dmaRead(5, 0x1_2345_6abcL);
        DmaRequest second = bed.dmaRead(5, 0x1_2345_6abcL);

        assertThat(first.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(first.physicalAddress()).isEqualTo(0x2000_7abc);
        assertThat(second.physicalAddress()).isEqualTo(0x2000_7abc);
        assertThat(second.misses()).isZero();
        assertThat(bed.done).allSatisfy(Smmuv3TranslationTest::assertAccounted);
    }

    @Test
    void shouldUseAStaleTranslationUntilItIsInvalidated() {
        bed.enable();
        Vmsav8Tables tables = stage1(3);
        tables.map(0x5000, 0x2000_3000, Vmsav8Tables.S1_PAGE);
        bed.dmaRead(3, 0x5000);
        tables.map(0x5000, 0x2000_9000, Vmsav8Tables.S1_PAGE);

        assertThat(bed.dmaRead(3, 0x5008).physicalAddress()).isEqualTo(0x2000_3008);
        bed.command(Cmd.tlbi0(Cmd.TLBI_NH_VA, 1, 5), Cmd.tlbi1(0x5000, true));
        assertThat(bed.dmaRead(3, 0x5008).physicalAddress()).isEqualTo(0x2000_9008);
    }

    @Test
    void shouldUseAStaleConfigurationUntilItIsInvalidated() {
        bed.enable();
        bed.ste(3, Ste.bypass());
        bed.dmaRead(3, 0x5000);
        bed.ste(3, Ste.abort());

        assertThat(bed.dmaRead(3, 0x9000).outcome()).isEqualTo(DmaOutcome.BYPASS);
        bed.command(Cmd.cfgiSte0(3), Cmd.leaf1(true));
        assertThat(bed.dmaRead(3, 0x9000).outcome()).isEqualTo(DmaOutcome.ABORT);
    }

    @Test
    void shouldPickTheContextOfTheSubstream() {
        bed.enable();
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        tables.map(0x5000, 0x2000_3000, Vmsav8Tables.S1_PAGE);
        bed.words(CD + 2 * 64, Smmuv3Testbed.cd(tables.root(), 6));
        long[] ste = Smmuv3Testbed.stage1Ste(CD, 1);
        Ste.S1CDMAX.put(ste, 2);
        Ste.S1DSS.put(ste, Ste.S1DSS_BYPASS);
        bed.ste(3, ste);

        DmaRequest with = bed.issue(bed.request(3, 2, 0x5010, false));
        DmaRequest without = bed.issue(bed.request(3, DmaRequest.NO_PASID, 0x5010, false));
        bed.sim.scheduler().run();

        assertThat(with.physicalAddress()).isEqualTo(0x2000_3010);
        assertThat(without.outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    @Test
    void shouldFindStreamsAndContextsInTwoLevels() {
        long level1 = Smmuv3Testbed.FREE + 0x1000;
        long level2 = Smmuv3Testbed.FREE + 0x4000;
        long contexts1 = Smmuv3Testbed.FREE + 0x8000;
        long contexts2 = Smmuv3Testbed.FREE + 0xa000;
        bed.write64(Reg.STRTAB_BASE, level1);
        bed.write(Reg.STRTAB_BASE_CFG, Reg.strtabBaseCfg(Reg.STRTAB_FMT_2LVL, 8, 16));
        bed.write(Reg.CR0, Reg.CR0_SMMUEN);
        bed.sim.scheduler().run();
        bed.memory.write64(level1 + 8L * 0x12, Ste.l1Descriptor(level2, 4));
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        tables.map(0x5000, 0x2000_3000, Vmsav8Tables.S1_PAGE);
        long[] ste = Smmuv3Testbed.stage1Ste(contexts1, 1);
        Ste.S1CDMAX.put(ste, 8);
        Ste.S1FMT.put(ste, Ste.S1FMT_4K_L2);
        bed.words(level2 + 3 * 64, ste);
        bed.memory.write64(contexts1 + 8, Cd.l1Descriptor(contexts2));
        bed.words(contexts2 + 5 * 64, Smmuv3Testbed.cd(tables.root(), 6));

        DmaRequest there = bed.issue(bed.request(0x1203, 64 + 5, 0x5010, false));
        DmaRequest noContext = bed.issue(bed.request(0x1203, 200, 0x5010, false));
        DmaRequest beyondSpan = bed.issue(bed.request(0x1210, DmaRequest.NO_PASID, 0x5010, false));
        bed.sim.scheduler().run();

        assertThat(there.physicalAddress()).isEqualTo(0x2000_3010);
        assertThat(noContext.faultCode()).isEqualTo(Event.C_BAD_SUBSTREAMID);
        assertThat(beyondSpan.faultCode()).isEqualTo(Event.C_BAD_STREAMID);
    }

    @Test
    void shouldAccountForEveryTickUnderContention() {
        Smmuv3Testbed small = Smmuv3Testbed.of(
                "mmu-600", Map.of("tbu_slots", 4L, "tcu_slots", 2L, "walk_slots", 1L, "in_order", 1L, "tbus", 2L));
        small.enable();
        Vmsav8Tables tables = new Vmsav8Tables(small.memory, TABLES, 0);
        small.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        small.ste(3, Smmuv3Testbed.stage1Ste(CD, 1));
        small.ste(12, Smmuv3Testbed.stage1Ste(CD, 1));
        for (int i = 0; i < 16; i++) {
            tables.map(0x5000 + 0x1000L * i, 0x2000_0000L + 0x1000L * i, Vmsav8Tables.S1_PAGE);
        }
        for (int i = 0; i < 64; i++) {
            small.issue(
                    small.request(i % 3 == 0 ? 12 : 3, DmaRequest.NO_PASID, 0x5000 + 0x800L * (i % 32), i % 5 == 0));
        }
        small.sim.scheduler().run();

        assertThat(small.done).hasSize(64).allSatisfy(Smmuv3TranslationTest::assertAccounted);
        assertThat(small.done)
                .allSatisfy(r -> assertThat(r.physicalAddress()).isEqualTo(r.iova() - 0x5000 + 0x2000_0000));
    }
}
