package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.walk.BusFaults;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bus refuses one access of the SMMU after the other: every one has its own record or global error. */
class ExternalAbortTest {
    private static final int SID = 3;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final long IOVA = 0x5000;
    private static final long CACHES_OFF = 0;

    private final Smmuv3Testbed bed = Smmuv3Testbed.of(
                    "mmu-600",
                    Map.of(
                            "httu", 2L,
                            "config_cache", CACHES_OFF,
                            "walk_s1_l0", CACHES_OFF,
                            "walk_s1_l1", CACHES_OFF,
                            "walk_s1_l2", CACHES_OFF,
                            "walk_s1_l3", CACHES_OFF,
                            "walk_s2_l0", CACHES_OFF,
                            "walk_s2_l1", CACHES_OFF,
                            "walk_s2_l2", CACHES_OFF,
                            "walk_s2_l3", CACHES_OFF))
            .enable();
    private final Vmsav8Tables stage2 = new Vmsav8Tables(bed.memory, TABLES, 0);
    private final Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
    private final BusFaults bus = bed.device.busFaults().orElseThrow();

    /** Stage 1 with a two-level CD table, over stage 2. */
    @BeforeEach
    void makeNestedStream() {
        for (long ipa = 0; ipa < 0x2_0000; ipa += 0x1000) {
            stage2.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
        }
        stage2.mapBlock(0x4000_0000L, 0x2000_0000, Vmsav8Tables.S2_PAGE);
        bed.memory.write64(GUEST, Cd.l1Descriptor(0x1000));
        long[] cd = Smmuv3Testbed.cd(stage1.root(), 5);
        Cd.HA.put(cd, 1);
        bed.words(GUEST + 0x1000, cd);
        long[] ste = Smmuv3Testbed.nestedSte(0, stage2.root(), 9);
        Ste.S1CDMAX.put(ste, 6);
        Ste.S1FMT.put(ste, Ste.S1FMT_4K_L2);
        Ste.S1DSS.put(ste, Ste.S1DSS_SSID0);
        bed.ste(SID, ste);
        stage1.map(IOVA, 0x4000_3000L, Vmsav8Tables.S1_PAGE & ~Vmsav8.AF);
    }

    /** A read that the SMMU makes for one translation, and what the record of its abort must say. */
    private record Read(int code, boolean second, int faultClass, long address) {}

    /** All reads in order: the STE; the level-1 descriptor and the CD; four tables; the data's address. */
    private List<Read> reads() {
        List<Read> reads = new ArrayList<>();
        reads.add(new Read(Event.F_STE_FETCH, false, 0, Smmuv3Testbed.STREAM_TABLE + SID * 64));
        throughStage2(reads, 0, 3, Event.CLASS_CD);
        reads.add(new Read(Event.F_CD_FETCH, false, 0, GUEST));
        throughStage2(reads, 0x1000, 3, Event.CLASS_CD);
        reads.add(new Read(Event.F_CD_FETCH, false, 0, GUEST + 0x1000));
        for (int level = 0; level <= 3; level++) {
            long entry = stage1.entry(IOVA, level);
            throughStage2(reads, entry - GUEST, 3, Event.CLASS_TT);
            reads.add(new Read(Event.F_WALK_EABT, false, Event.CLASS_TT, entry));
        }
        throughStage2(reads, 0x4000_3000L, 2, Event.CLASS_IN);
        return reads;
    }

    private void throughStage2(List<Read> reads, long ipa, int last, int faultClass) {
        for (int level = 0; level <= last; level++) {
            reads.add(new Read(Event.F_WALK_EABT, true, faultClass, stage2.entry(ipa, level)));
        }
    }

    private void takeEvents() {
        bed.write(Reg.EVENTQ_CONS, bed.read(Reg.EVENTQ_PROD));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Rule("SMMU-EABT-01")
    @Rule("SMMU-EABT-02")
    @Rule("SMMU-EABT-03")
    @Rule("SMMU-EABT-04")
    @Rule("SMMU-EVENT-02")
    void shouldRecordTheAbortOfEveryReadExactly(boolean write) {
        List<Read> reads = reads();
        assertThat(reads).hasSize(34);
        for (int number = 1; number <= reads.size(); number++) {
            Read read = reads.get(number - 1);
            bus.abortNthRead(number);
            int slot = bed.read(Reg.EVENTQ_PROD) & 7;

            DmaRequest request = write ? bed.dmaWrite(SID, IOVA) : bed.dmaRead(SID, IOVA);

            boolean walk = read.code == Event.F_WALK_EABT;
            assertThat(request.outcome()).as("%d", number).isEqualTo(DmaOutcome.FAULT);
            assertThat(request.faultCode()).as("%d", number).isEqualTo(read.code);
            assertThat(bed.events()).as("%d", number).isEqualTo(1);
            assertThat(bed.event(slot, 0)).isEqualTo(Event.word0(read.code, SID, DmaRequest.NO_PASID));
            assertThat(bed.event(slot, 1))
                    .as("%d %s", number, read)
                    .isEqualTo(walk ? Event.word1(false, false, !write, read.second, read.faultClass) : 0);
            assertThat(bed.event(slot, 2)).as("%d", number).isEqualTo(walk ? IOVA : 0);
            assertThat(bed.event(slot, 3)).as("%d", number).isEqualTo(read.address);
            assertThat(request.totalTicks()).isEqualTo(request.latency());
            takeEvents();
        }
        // Nothing of it was cached: the next access gets through.
        assertThat(bed.dmaWrite(SID, IOVA).physicalAddress()).isEqualTo(0x2000_3000);
    }

    @Test
    @Rule("SMMU-EABT-01")
    void shouldRecordTheAbortOfALevelOneDescriptorOfStreams() {
        Smmuv3Testbed other = Smmuv3Testbed.of("mmu-600");
        other.write64(Reg.EVENTQ_BASE, Smmuv3Testbed.EVENTS | Smmuv3Testbed.LOG2_EVENTS);
        other.write64(Reg.STRTAB_BASE, Smmuv3Testbed.STREAM_TABLE);
        other.write(
                Reg.STRTAB_BASE_CFG, 16 | 8 << Reg.STRTAB_BASE_CFG_SPLIT_SHIFT | 1 << Reg.STRTAB_BASE_CFG_FMT_SHIFT);
        other.write(Reg.CR0, Reg.CR0_EVENTQEN | Reg.CR0_SMMUEN);
        other.sim.scheduler().run();
        other.device.busFaults().orElseThrow().abortNthRead(1);

        assertThat(other.dmaRead(0x1234, IOVA).faultCode()).isEqualTo(Event.F_STE_FETCH);
        assertThat(other.event(0, 0)).isEqualTo(Event.word0(Event.F_STE_FETCH, 0x1234, DmaRequest.NO_PASID));
        assertThat(other.event(0, 1) | other.event(0, 2)).isZero();
        assertThat(other.event(0, 3)).isEqualTo(Smmuv3Testbed.STREAM_TABLE + 8 * 0x12);
    }

    /** Each interrupt in turn cannot be written; the others can. */
    @Test
    @Rule("SMMU-EABT-09")
    void shouldSayWhichInterruptCouldNotBeWritten() {
        long target = Smmuv3Testbed.FREE + 0x8000;
        bed.write(Reg.IRQ_CTRL, 0);
        bed.sim.scheduler().run();
        bed.write64(Reg.EVENTQ_IRQ_CFG0, target);
        bed.write64(Reg.GERROR_IRQ_CFG0, target + 8);
        bed.write(Reg.IRQ_CTRL, Reg.IRQ_CTRL_EVENTQ | Reg.IRQ_CTRL_GERROR);
        bed.sim.scheduler().run();
        bed.interrupts.clear();

        bus.abortWrites(target, 4);
        bed.dmaRead(0x50, IOVA);
        assertThat(bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_MSI_EVENTQ_ABT_ERR);
        assertThat(bed.interrupts).containsExactly("gerror");
        bus.clear();
        bed.write(Reg.GERRORN, bed.read(Reg.GERROR));

        bus.abortWrites(target + 0x10, 4);
        bed.put(Cmd.syncMsi0(1), Cmd.syncMsi1(target + 0x10));
        bed.ring();
        bed.sim.scheduler().run();
        assertThat(bed.consumed()).isTrue();
        assertThat(bed.read(Reg.GERROR) ^ bed.read(Reg.GERRORN)).isEqualTo(Reg.GERROR_MSI_CMDQ_ABT_ERR);
        assertThat(bed.interrupts).containsExactly("gerror", "gerror");
        bus.clear();
        bed.write(Reg.GERRORN, bed.read(Reg.GERROR));

        // Its own interrupt: it is not tried a second time for that, though it would get through.
        bus.abort(target + 8, 4, false, true, 0, 1);
        bed.put(0x7f, 0);
        bed.ring();
        bed.sim.scheduler().run();
        assertThat(bed.read(Reg.GERROR) ^ bed.read(Reg.GERRORN))
                .isEqualTo(Reg.GERROR_CMDQ_ERR | Reg.GERROR_MSI_GERROR_ABT_ERR);
        assertThat(bed.interrupts).hasSize(2);
    }

    @Test
    @Rule("SMMU-EABT-05")
    void shouldReadThirtyFourTimesForThisTranslation() {
        bus.abortNthRead(35);
        assertThat(bed.dmaWrite(SID, IOVA).physicalAddress()).isEqualTo(0x2000_3000);
    }

    @Test
    @Rule("SMMU-EABT-06")
    void shouldRecordTheAbortOfAnUpdate() {
        long entry = stage1.entry(IOVA, 3);
        bus.abortWrites(entry, 8);

        DmaRequest request = bed.dmaRead(SID, IOVA);

        assertThat(request.faultCode()).isEqualTo(Event.F_WALK_EABT);
        assertThat(Event.CLASS.get(bed.event(0, 1))).isEqualTo(Event.CLASS_TT);
        assertThat(bed.event(0, 3)).isEqualTo(entry);
        assertThat(bed.memory.read64(entry) & Vmsav8.AF).isZero();
    }

    @Test
    @Rule("SMMU-EABT-07")
    void shouldStopAtACommandThatCannotBeRead() {
        bus.abort(Smmuv3Testbed.COMMANDS, 16, true, false, 0, 1);
        bed.put(Cmd.sync0(Cmd.CS_NONE), 0);
        bed.ring();
        bed.sim.scheduler().run();

        assertThat(bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_CMDQ_ERR);
        assertThat(bed.read(Reg.CMDQ_CONS) >>> 24).isEqualTo(Reg.CERROR_ABT);

        bed.write(Reg.GERRORN, Reg.GERROR_CMDQ_ERR);
        bed.sim.scheduler().run();
        assertThat(bed.consumed()).isTrue();
    }

    @Test
    @Rule("SMMU-EABT-08")
    void shouldLoseARecordThatCannotBeWritten() {
        bus.abort(Smmuv3Testbed.EVENTS, 0x100, false, true, 0, 1);

        bed.dmaRead(0x50, IOVA);

        assertThat(bed.events()).isZero();
        assertThat(bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_EVENTQ_ABT_ERR);
        bed.dmaRead(0x50, IOVA);
        assertThat(bed.events()).isZero();
        assertThat(bed.read(Reg.EVENTQ_PROD) & Reg.Q_OVERFLOW).isZero();

        bed.write(Reg.GERRORN, Reg.GERROR_EVENTQ_ABT_ERR);
        bed.dmaRead(0x51, IOVA);
        assertThat(bed.events()).isEqualTo(1);
        assertThat(Event.SID.get(bed.event(0, 0))).isEqualTo(0x51);
    }

    @Test
    void shouldForgetRules() {
        bus.abortReads(0, Smmuv3Testbed.END);
        assertThat(bed.dmaRead(SID, IOVA).faultCode()).isEqualTo(Event.F_STE_FETCH);
        bus.clear();
        assertThat(bed.dmaRead(SID, IOVA).outcome()).isEqualTo(DmaOutcome.OK);
    }
}
