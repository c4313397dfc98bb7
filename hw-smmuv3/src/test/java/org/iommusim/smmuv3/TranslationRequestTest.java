package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.format.Vmsav8;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** Answers to translation requests. */
class TranslationRequestTest {
    private static final int NONE = DmaRequest.NO_PASID;
    private static final long RW = TranslationEntry.R | TranslationEntry.W;

    private final AtsBed ats = AtsBed.plain();

    private void assertSuccess(DmaRequest request, long address, int shift, long bits) {
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(request.translationEntry()).isEqualTo(TranslationEntry.of(address, shift, bits));
        assertThat(ats.events()).isEmpty();
    }

    private void assertRefused(DmaRequest request, CompletionStatus status, String... events) {
        assertThat(request.completionStatus()).isEqualTo(status);
        assertThat(ats.events()).containsExactly(events);
    }

    private void substreams(int sid, int s1Dss, boolean twoStages) {
        long[] ste = twoStages
                ? Smmuv3Testbed.nestedSte(AtsBed.CD, ats.second.root(), AtsBed.VMID)
                : Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID);
        Ste.S1CDMAX.put(ste, 1);
        Ste.S1DSS.put(ste, s1Dss);
        ats.bed.ste(sid, AtsBed.eats(ste, Ste.EATS_TRANS));
        ats.bed.words(AtsBed.CD + 64, Smmuv3Testbed.cd(ats.first.root(), 6));
    }

    @Test
    @Rule("SMMU-ATS-01")
    void shouldRefuseAndRecordWhileDisabled() {
        ats.disable();
        assertRefused(ats.ask(AtsBed.S1, 0x5000), CompletionStatus.UNSUPPORTED_REQUEST, "F_BAD_ATS_TREQ");
        assertThat(ats.bed.event(0, 1)).isEqualTo(Event.treq1(true, true, false, false));
        assertThat(Event.TREQ_SPAN.get(ats.bed.event(0, 1))).isEqualTo(1);
        assertThat(ats.bed.event(0, 2)).isEqualTo(0x5000);
    }

    @Test
    void shouldNotAskStage2IfStage1GrantsNothing() {
        AtsBed updating = new AtsBed(Map.of("httu", 2L));
        updating.nested(Ste.EATS_TRANS);
        long[] ste =
                AtsBed.eats(Smmuv3Testbed.nestedSte(AtsBed.CD, updating.second.root(), AtsBed.VMID), Ste.EATS_TRANS);
        Ste.S2HA.put(ste, 1);
        updating.bed.ste(AtsBed.BOTH, ste);
        updating.first.map(0x5000, 0x9000, Vmsav8Tables.S1_PAGE & ~Vmsav8.AP_UNPRIVILEGED);
        updating.second.map(0x9000, AtsBed.TO, Vmsav8Tables.S2_PAGE & ~Vmsav8.AF);

        DmaRequest request = updating.ask(AtsBed.BOTH, 0x5000);

        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(request.translationEntry() & (TranslationEntry.R | TranslationEntry.W))
                .isZero();
        assertThat(updating.bed.memory.read64(updating.second.entry(0x9000, 3)) & Vmsav8.AF)
                .isZero();
    }

    @Test
    @Rule("SMMU-ATS-02")
    void shouldRefuseSilentlyOnAbort() {
        ats.bed.ste(6, Ste.valid(Ste.ABORT));
        assertRefused(ats.ask(6, 0x5000), CompletionStatus.UNSUPPORTED_REQUEST);
    }

    @Test
    @Rule("SMMU-ATS-03")
    void shouldRefuseAndRecordOnBypassAndWithoutEats() {
        ats.bed.ste(6, AtsBed.eats(Ste.valid(Ste.BYPASS), Ste.EATS_TRANS));
        ats.bed.ste(7, Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID));
        assertRefused(ats.ask(6, 0x5000), CompletionStatus.UNSUPPORTED_REQUEST, "F_BAD_ATS_TREQ");
        ats.takeEvents();
        assertRefused(ats.ask(7, 0x5000), CompletionStatus.UNSUPPORTED_REQUEST, "F_BAD_ATS_TREQ");
    }

    @Test
    @Rule("SMMU-ATS-04")
    void shouldRefuseSplitStageWithoutChecks() {
        ats.nested(Ste.EATS_S1CHK);
        assertRefused(ats.ask(AtsBed.BOTH, 0x5000), CompletionStatus.UNSUPPORTED_REQUEST, "F_BAD_ATS_TREQ");
    }

    @Test
    @Rule("SMMU-ATS-05")
    void shouldAbortSilentlyOnConfigurationErrors() {
        assertRefused(ats.ask(0x100, 0x5000), CompletionStatus.COMPLETER_ABORT);
        assertRefused(ats.ask(9, 0x5000), CompletionStatus.COMPLETER_ABORT);
        assertRefused(ats.ask(AtsBed.S1, 1, 0x5000, false), CompletionStatus.COMPLETER_ABORT);
        ats.bed.words(AtsBed.CD, new long[Cd.WORDS]);
        assertRefused(ats.ask(AtsBed.S1, 0x5000), CompletionStatus.COMPLETER_ABORT);
        substreams(6, Ste.S1DSS_TERMINATE, false);
        assertRefused(ats.ask(6, 0x5000), CompletionStatus.COMPLETER_ABORT);
    }

    @Test
    @Rule("SMMU-ATS-06")
    void shouldRecordConfigurationErrorsIfAsked() {
        ats.recordErrors();
        ats.ask(0x100, 0x5000);
        ats.ask(9, 0x5000);
        assertThat(ats.events()).containsExactly("C_BAD_STREAMID", "C_BAD_STE");
        ats.takeEvents();
        ats.disable();
        ats.bed.write(Reg.CR2, Reg.CR2_REC_CFG_ATS);
        ats.control(0);
        assertRefused(ats.ask(0x100, 0x5000), CompletionStatus.COMPLETER_ABORT);
    }

    @Test
    @Rule("SMMU-ATS-07")
    void shouldGrantNothingOnFaults() {
        assertSuccess(ats.ask(AtsBed.S1, 0x5000), 0, 12, 0);
        assertSuccess(ats.ask(AtsBed.S2, 0x5000), 0, 12, 0);
        ats.first.map(0x6000, AtsBed.TO, Vmsav8Tables.S1_PAGE & ~(1L << 10));
        assertSuccess(ats.ask(AtsBed.S1, 0x6000), 0, 12, 0);
        ats.nested(Ste.EATS_TRANS);
        assertSuccess(ats.ask(AtsBed.BOTH, 0x7000), 0, 12, 0);
    }

    @Test
    @Rule("SMMU-ATS-08")
    void shouldGrantWhatThePageAllows() {
        ats.first.map(0x5000, AtsBed.TO, Vmsav8Tables.S1_PAGE);
        ats.first.map(0x6000, AtsBed.TO, Vmsav8Tables.S1_READ_ONLY);
        assertSuccess(ats.ask(AtsBed.S1, NONE, 0x5000, false), AtsBed.TO, 12, RW);
        assertSuccess(ats.ask(AtsBed.S1, NONE, 0x5000, true), AtsBed.TO, 12, RW);
        assertSuccess(ats.ask(AtsBed.S1, NONE, 0x6000, true), AtsBed.TO, 12, TranslationEntry.R);
    }

    @Test
    @Rule("SMMU-ATS-09")
    void shouldGrantExecuteAndPrivilegeOnlyWithAPasid() {
        substreams(6, Ste.S1DSS_SSID0, false);
        ats.first.map(0x5000, AtsBed.TO, Vmsav8Tables.S1_READ_ONLY);
        DmaRequest with = ats.bed.request(6, 1, 0x5000, false);
        with.attributes(false, true);
        assertSuccess(ats.ask(with), AtsBed.TO, 12, TranslationEntry.R | TranslationEntry.EXE);
        DmaRequest privileged = ats.bed.request(6, 1, 0x5000, false);
        privileged.attributes(true, false);
        assertSuccess(ats.ask(privileged), AtsBed.TO, 12, TranslationEntry.R | TranslationEntry.PRIV);
        DmaRequest without = ats.bed.request(6, NONE, 0x5000, false);
        without.attributes(true, true);
        assertSuccess(ats.ask(without), AtsBed.TO, 12, TranslationEntry.R);
    }

    @Test
    @Rule("SMMU-ATS-10")
    void shouldAnswerWithThePhysicalAddressUnderTwoStages() {
        ats.nested(Ste.EATS_TRANS);
        ats.first.mapBlock(0x20_0000, 0x1000_0000, Vmsav8Tables.S1_PAGE);
        ats.second.map(0x1000_3000, AtsBed.TO, Vmsav8Tables.S2_PAGE);
        assertSuccess(ats.ask(AtsBed.BOTH, 0x20_3000), AtsBed.TO, 12, RW);
        ats.second.mapBlock(0x1020_0000, AtsBed.TO, Vmsav8Tables.S2_PAGE);
        ats.first.mapBlock(0x40_0000, 0x1020_0000, Vmsav8Tables.S1_PAGE);
        assertSuccess(ats.ask(AtsBed.BOTH, 0x40_3000), AtsBed.TO, 21, RW);
    }

    @Test
    @Rule("SMMU-ATS-11")
    void shouldAnswerWithTheIpaInSplitStage() {
        ats.nested(Ste.EATS_S1CHK);
        ats.control(Reg.CR0_ATSCHK);
        ats.first.map(0x5000, 0x1000_0000, Vmsav8Tables.S1_PAGE);
        ats.second.map(0x1000_0000, AtsBed.TO, Vmsav8Tables.S2_PAGE & ~(1L << 7));
        assertSuccess(ats.ask(AtsBed.BOTH, 0x5000), 0x1000_0000, 12, TranslationEntry.R);
    }

    @Test
    @Rule("SMMU-ATS-12")
    void shouldAnswerWithTheAddressItselfInBypassOfTheOnlyStage() {
        substreams(6, Ste.S1DSS_BYPASS, false);
        assertSuccess(ats.ask(6, 0x5000), 0, 48, RW);
        assertSuccess(ats.ask(6, 1L << 50), 0, 12, 0);
    }

    @Test
    @Rule("SMMU-ATS-13")
    void shouldAnswerWithStage2AloneInBypassOfStage1() {
        substreams(6, Ste.S1DSS_BYPASS, true);
        ats.second.map(0x5000, AtsBed.TO, Vmsav8Tables.S2_PAGE);
        assertSuccess(ats.ask(6, 0x5000), AtsBed.TO, 12, RW);
    }

    @Test
    @Rule("SMMU-ATS-14")
    void shouldAbortOnAnAbortedTableRead() {
        ats.bed.words(AtsBed.CD, Smmuv3Testbed.cd(0x8_0000_0000L, 5));
        assertRefused(ats.ask(AtsBed.S1, 0x5000), CompletionStatus.COMPLETER_ABORT);
        ats.recordErrors();
        assertRefused(ats.ask(AtsBed.S1, 0x5000), CompletionStatus.COMPLETER_ABORT, "F_WALK_EABT");
    }

    @Test
    @Rule("SMMU-ATS-23")
    void shouldFindEatsThatContradictsTheRest() {
        ats.recordErrors();
        long[] stalling = Smmuv3Testbed.stage2Ste(ats.second.root(), AtsBed.VMID);
        Ste.S2S.put(stalling, 1);
        ats.bed.ste(6, AtsBed.eats(stalling, Ste.EATS_TRANS));
        assertRefused(ats.ask(6, 0x5000), CompletionStatus.COMPLETER_ABORT, "C_BAD_STE");
        ats.takeEvents();
        ats.bed.ste(7, AtsBed.eats(Smmuv3Testbed.stage1Ste(AtsBed.CD, 1), Ste.EATS_S1CHK));
        assertRefused(ats.ask(7, 0x5000), CompletionStatus.COMPLETER_ABORT, "C_BAD_STE");

        AtsBed without = new AtsBed(Map.of("ats", 0L));
        without.bed.ste(7, AtsBed.eats(Smmuv3Testbed.stage1Ste(AtsBed.CD, 1), Ste.EATS_S1CHK));
        without.first.map(0x5000, AtsBed.TO, Vmsav8Tables.S1_PAGE);
        assertThat(without.bed.dmaRead(7, 0x5000).outcome().completed()).isTrue();
    }

    @Test
    @Rule("SMMU-ATS-31")
    void shouldReserveBitsWithoutAts() {
        AtsBed without = new AtsBed(Map.of("ats", 0L));
        without.recordErrors();
        without.control(Reg.CR0_ATSCHK | Reg.CR0_PRIQEN);
        assertThat(without.bed.read(Reg.CR0ACK) & (Reg.CR0_ATSCHK | Reg.CR0_PRIQEN))
                .isZero();
        assertThat(without.bed.read(Reg.CR2) & Reg.CR2_REC_CFG_ATS).isZero();
        ats.recordErrors();
        ats.control(Reg.CR0_ATSCHK | Reg.CR0_PRIQEN);
        assertThat(ats.bed.read(Reg.CR0ACK) & (Reg.CR0_ATSCHK | Reg.CR0_PRIQEN)).isNotZero();
        assertThat(ats.bed.read(Reg.CR2) & Reg.CR2_REC_CFG_ATS).isNotZero();
    }
}
