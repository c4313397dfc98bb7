package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.provider.CsvSource;

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

    /**
     * The reads of this translation: the STE; 4 of stage 2 and the level-1 descriptor; 4 and the CD; for each of four
     * levels 4 and the entry; 3 for the data, which is a block.
     */
    @ParameterizedTest
    @CsvSource({
        "1, 0x03, 0, 0", // the STE
        "2, 0x0b, 1, 0", // stage 2 for the level-1 descriptor
        "5, 0x0b, 1, 0",
        "6, 0x09, 0, 0", // the level-1 descriptor
        "7, 0x0b, 1, 0", // stage 2 for the CD
        "11, 0x09, 0, 0", // the CD
        "12, 0x0b, 1, 1", // stage 2 for the first table
        "16, 0x0b, 0, 1", // the entry of level 0
        "20, 0x0b, 1, 1",
        "21, 0x0b, 0, 1",
        "31, 0x0b, 0, 1", // the entry of level 3
        "32, 0x0b, 1, 2", // stage 2 for the data
        "34, 0x0b, 1, 2"
    })
    @Rule("SMMU-EABT-01")
    @Rule("SMMU-EABT-02")
    @Rule("SMMU-EABT-03")
    @Rule("SMMU-EABT-04")
    void shouldRecordTheAbortOfEveryRead(int number, int code, int stage2Bit, int faultClass) {
        bus.abortNthRead(number);

        DmaRequest request = bed.dmaWrite(SID, IOVA);

        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(request.faultCode()).isEqualTo(code);
        assertThat(bed.events()).isEqualTo(1);
        assertThat(Event.S2.get(bed.event(0, 1))).isEqualTo(stage2Bit);
        assertThat(Event.CLASS.get(bed.event(0, 1))).isEqualTo(faultClass);
        assertThat(bed.event(0, 3)).isNotZero();
        assertThat(bed.event(0, 2)).isEqualTo(code == Event.F_WALK_EABT ? IOVA : 0);
        assertThat(request.totalTicks()).isEqualTo(request.latency());

        // Nothing of it was cached: the next access gets through.
        assertThat(bed.dmaWrite(SID, IOVA).physicalAddress()).isEqualTo(0x2000_3000);
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
