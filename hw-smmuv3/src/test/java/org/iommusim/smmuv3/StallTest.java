package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** Transactions that are held until software answers their fault. */
class StallTest {
    private static final int OTHER = 8;

    private final AtsBed ats = AtsBed.plain();

    StallTest() {
        stalling(ats, AtsBed.S1);
    }

    /** Stage-1 faults of a stream stall; unlike others they are not recorded otherwise. */
    private static void stalling(AtsBed in, int sid) {
        long[] cd = Smmuv3Testbed.cd(in.first.root(), 5);
        Cd.S.put(cd, 1);
        Cd.R.put(cd, 0);
        in.bed.words(AtsBed.CD + 64, cd);
        in.bed.ste(sid, Smmuv3Testbed.stage1Ste(AtsBed.CD + 64, AtsBed.VMID));
    }

    private DmaRequest fault(int sid, long iova) {
        return ats.bed.dmaWrite(sid, iova);
    }

    private void map(long iova) {
        ats.first.map(iova, AtsBed.TO, Vmsav8Tables.S1_PAGE);
    }

    private int stag(int event) {
        return Event.STAG.getInt(ats.bed.event(event, 1));
    }

    private String onlyEvent(AtsBed in, int sid) {
        in.bed.dmaWrite(sid, 0x5000);
        String name = in.events().get(0);
        in.takeEvents();
        return name;
    }

    @Test
    @Rule("SMMU-STALL-01")
    void shouldHoldAStage1Fault() {
        DmaRequest request = fault(AtsBed.S1, 0x5008);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.PENDING);
        assertThat(ats.events()).containsExactly("F_TRANSLATION");
        assertThat(Event.STALL.isSet(ats.bed.event(0, 1))).isTrue();
        assertThat(ats.bed.event(0, 2)).isEqualTo(0x5008);
        assertThat(ats.bed.interrupts).containsExactly("eventq");
    }

    @Test
    @Rule("SMMU-STALL-02")
    void shouldHoldAStage2Fault() {
        long[] ste = Smmuv3Testbed.stage2Ste(ats.second.root(), AtsBed.VMID);
        Ste.S2S.put(ste, 1);
        ats.bed.ste(OTHER, ste);
        DmaRequest request = fault(OTHER, 0x5000);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.PENDING);
        assertThat(Event.S2.isSet(ats.bed.event(0, 1))).isTrue();

        long[] nested = Smmuv3Testbed.nestedSte(AtsBed.CD, ats.second.root(), AtsBed.VMID);
        Ste.S2S.put(nested, 1);
        ats.bed.ste(9, nested);
        DmaRequest ofCd = fault(9, 0x5000);
        assertThat(ofCd.outcome()).isEqualTo(DmaOutcome.PENDING);
        assertThat(Event.CLASS.get(ats.bed.event(1, 1))).isEqualTo(Event.CLASS_CD);
        ats.bed.command(Cmd.STALL_TERM | 9L << 32, 0);
        assertThat(ofCd.outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    @Rule("SMMU-STALL-03")
    void shouldFindStallsThatTheSteDisables() {
        long[] ste = Smmuv3Testbed.stage1Ste(AtsBed.CD + 64, AtsBed.VMID);
        Ste.S1STALLD.put(ste, 1);
        ats.bed.ste(AtsBed.S1, ste);
        assertThat(onlyEvent(ats, AtsBed.S1)).isEqualTo("C_BAD_CD");
    }

    private static void streams(AtsBed in) {
        stalling(in, AtsBed.S1);
        long[] s2 = Smmuv3Testbed.stage2Ste(in.second.root(), AtsBed.VMID);
        Ste.S2S.put(s2, 1);
        in.bed.ste(AtsBed.S2, s2);
        long[] stalld = Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID);
        Ste.S1STALLD.put(stalld, 1);
        in.bed.ste(OTHER, stalld);
    }

    @Test
    @Rule("SMMU-STALL-04")
    void shouldRefuseStallsWithoutTheModel() {
        AtsBed without = new AtsBed(Map.of("stall_model", 1L));
        streams(without);
        assertThat(onlyEvent(without, AtsBed.S1)).isEqualTo("C_BAD_CD");
        assertThat(onlyEvent(without, AtsBed.S2)).isEqualTo("C_BAD_STE");
        assertThat(onlyEvent(without, OTHER)).isEqualTo("C_BAD_STE");
    }

    @Test
    @Rule("SMMU-STALL-05")
    void shouldRefuseTerminationIfStallsAreForced() {
        AtsBed forced = new AtsBed(Map.of("stall_model", 2L, "ats", 0L));
        forced.bed.ste(AtsBed.S1, Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID));
        forced.bed.ste(AtsBed.S2, Smmuv3Testbed.stage2Ste(forced.second.root(), AtsBed.VMID));
        assertThat(onlyEvent(forced, AtsBed.S1)).isEqualTo("C_BAD_CD");
        assertThat(onlyEvent(forced, AtsBed.S2)).isEqualTo("C_BAD_STE");
        stalling(forced, OTHER);
        assertThat(onlyEvent(forced, OTHER)).isEqualTo("F_TRANSLATION");
    }

    @Test
    @Rule("SMMU-STALL-06")
    void shouldTranslateAnewOnRetry() {
        DmaRequest request = fault(AtsBed.S1, 0x5008);
        map(0x5000);
        ats.resume(AtsBed.S1, stag(0), true);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(AtsBed.TO + 8);
        assertThat(ats.bed.events()).isEqualTo(1);
    }

    @Test
    @Rule("SMMU-STALL-07")
    void shouldAbortOnTermination() {
        DmaRequest request = fault(AtsBed.S1, 0x5000);
        ats.resume(AtsBed.S1, stag(0), false);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(ats.bed.events()).isEqualTo(1);
    }

    @Test
    @Rule("SMMU-TERM-03")
    void shouldEndAsIfCarriedOutIfToldSo() {
        AtsBed gentle = new AtsBed(Map.of("stall_model", 0L, "term_model", 0L, "ats", 0L));
        stalling(gentle, AtsBed.S1);
        DmaRequest first = gentle.bed.dmaRead(AtsBed.S1, 0x5000);
        DmaRequest second = gentle.bed.dmaRead(AtsBed.S1, 0x6000);
        gentle.bed.command(
                Cmd.resume0(AtsBed.S1, false, false), Cmd.resume1(Event.STAG.getInt(gentle.bed.event(0, 1))));
        gentle.bed.command(Cmd.resume0(AtsBed.S1, false, true), Cmd.resume1(Event.STAG.getInt(gentle.bed.event(1, 1))));
        assertThat(first.outcome()).isEqualTo(DmaOutcome.RAZ_WI);
        assertThat(second.outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    @Rule("SMMU-STALL-08")
    void shouldOnlyResumeWhatTagAndStreamName() {
        DmaRequest request = fault(AtsBed.S1, 0x5000);
        ats.resume(OTHER, stag(0), false);
        ats.resume(AtsBed.S1, stag(0) + 1, false);
        ats.resume(AtsBed.S1, 0xffff, false);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.PENDING);
        ats.resume(AtsBed.S1, stag(0), false);
        ats.resume(AtsBed.S1, stag(0), false);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    @Rule("SMMU-STALL-09")
    void shouldRecordARepeatedFaultAgain() {
        DmaRequest request = fault(AtsBed.S1, 0x5000);
        ats.resume(AtsBed.S1, stag(0), true);
        assertThat(ats.events()).containsExactly("F_TRANSLATION", "F_TRANSLATION");
        assertThat(request.outcome()).isEqualTo(DmaOutcome.PENDING);
        ats.resume(AtsBed.S1, stag(1), false);
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    @Rule("SMMU-STALL-10")
    @Rule("SMMU-STALL-14")
    void shouldTerminateTheStalledTransactionsOfAStream() {
        AtsBed few = new AtsBed(Map.of("stall_max", 2L));
        stalling(few, AtsBed.S1);
        stalling(few, OTHER);
        DmaRequest other = few.bed.dmaWrite(OTHER, 0x5000);
        DmaRequest recorded = few.bed.dmaWrite(AtsBed.S1, 0x6000);
        DmaRequest untagged = few.bed.dmaWrite(AtsBed.S1, 0x7000);
        assertThat(few.bed.events()).isEqualTo(2);
        few.bed.command(Cmd.STALL_TERM | (long) AtsBed.S1 << 32, 0);
        assertThat(other.outcome()).isEqualTo(DmaOutcome.PENDING);
        assertThat(recorded.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(untagged.outcome()).isEqualTo(DmaOutcome.FAULT);
    }

    @Test
    @Rule("SMMU-STALL-14")
    void shouldRecordTheNextOneWhenATagIsFree() {
        AtsBed one = new AtsBed(Map.of("stall_max", 1L));
        stalling(one, AtsBed.S1);
        assertThat(one.bed.device.ids().stallMax()).isEqualTo(1);
        DmaRequest first = one.bed.dmaWrite(AtsBed.S1, 0x5000);
        DmaRequest second = one.bed.dmaWrite(AtsBed.S1, 0x6000);
        assertThat(one.bed.events()).isEqualTo(1);
        one.resume(AtsBed.S1, 0, false);
        assertThat(first.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(one.bed.events()).isEqualTo(2);
        assertThat(second.outcome()).isEqualTo(DmaOutcome.PENDING);
    }

    @Test
    @Rule("SMMU-STALL-11")
    void shouldTerminateAllWhenDisabled() {
        DmaRequest request = fault(AtsBed.S1, 0x5000);
        ats.disable();
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    @Test
    @Rule("SMMU-STALL-12")
    void shouldNotLetSyncWait() {
        fault(AtsBed.S1, 0x5000);
        ats.bed.command(Cmd.cfgiSteRange0(0), Cmd.cfgiSteRange1(Cmd.RANGE_ALL));
        ats.bed.command(Cmd.TLBI_NSNH_ALL, 0);
        assertThat(ats.bed.consumed()).isTrue();
    }

    @Test
    @Rule("SMMU-STALL-13")
    void shouldKeepARecordThatTheQueueHasNoRoomFor() {
        DmaRequest[] requests = new DmaRequest[9];
        for (int i = 0; i < 9; i++) {
            requests[i] = fault(AtsBed.S1, 0x1_0000 + 0x1000L * i);
        }
        assertThat(ats.bed.events()).isEqualTo(8);
        assertThat(ats.bed.read(Reg.EVENTQ_PROD) & Reg.Q_OVERFLOW).isZero();
        ats.takeEvents();
        assertThat(ats.bed.events()).isEqualTo(1);
        assertThat(ats.bed.event(0, 2)).isEqualTo(0x1_8000);

        ats.bed.write(Reg.CR0, Reg.CR0_CMDQEN | Reg.CR0_SMMUEN);
        ats.run();
        DmaRequest unheard = fault(AtsBed.S1, 0x5000);
        map(0x5000);
        ats.control(0);
        assertThat(unheard.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(ats.bed.events()).isEqualTo(1);
    }

    @Test
    @Rule("SMMU-STALL-15")
    void shouldRefuseAnswersWithoutStalls() {
        for (long command : new long[] {Cmd.STALL_TERM, Cmd.RESUME}) {
            AtsBed without = new AtsBed(Map.of("stall_model", 1L));
            without.bed.command(command, 0);
            assertThat(without.bed.read(Reg.GERROR)).isEqualTo(Reg.GERROR_CMDQ_ERR);
        }
    }

    @Test
    @Rule("SMMU-STALL-16")
    void shouldBookTheTimeOfAStall() {
        DmaRequest held = fault(AtsBed.S1, 0x5000);
        map(0x6000);
        DmaRequest passing = fault(AtsBed.S1, 0x6000);
        assertThat(passing.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(passing.ticks(Station.STALLED)).isZero();
        long since = ats.bed.sim.now();
        ats.bed.sim.scheduler().runUntil(since + 5_000_000);
        map(0x5000);
        ats.resume(AtsBed.S1, stag(0), true);
        assertThat(held.ticks(Station.STALLED)).isGreaterThanOrEqualTo(ats.bed.sim.now() > since ? 1 : 0);
        assertThat(held.totalTicks()).isEqualTo(held.latency());
    }

    @Test
    @Rule("SMMU-STALL-17")
    void shouldNeverHoldOtherFaults() {
        long[] cd = Smmuv3Testbed.cd(0x8_0000_0000L, 5);
        Cd.S.put(cd, 1);
        ats.bed.words(AtsBed.CD, cd);
        ats.bed.ste(OTHER, Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID));
        assertThat(fault(OTHER, 0x5000).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(fault(9, 0x5000).outcome()).isEqualTo(DmaOutcome.FAULT);
        long[] s2 = Smmuv3Testbed.stage2Ste(ats.second.root(), AtsBed.VMID);
        Ste.S2S.put(s2, 1);
        ats.bed.ste(AtsBed.S2, s2);
        assertThat(fault(AtsBed.S2, 1L << 60).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(ats.events()).containsExactly("F_WALK_EABT", "C_BAD_STE", "F_ADDR_SIZE");
    }
}
