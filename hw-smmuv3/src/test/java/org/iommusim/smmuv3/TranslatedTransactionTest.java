package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Reg;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.api.Test;

/** What becomes of transactions whose address is marked translated. */
class TranslatedTransactionTest {
    private final AtsBed ats = AtsBed.plain();

    private void assertOutcome(DmaRequest request, DmaOutcome outcome, String... events) {
        assertThat(request.outcome()).isEqualTo(outcome);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
        assertThat(ats.events()).containsExactly(events);
    }

    @Test
    @Rule("SMMU-ATS-15")
    void shouldForbidThemWhileDisabled() {
        ats.disable();
        assertOutcome(ats.translated(AtsBed.S1, AtsBed.TO), DmaOutcome.FAULT, "F_TRANSL_FORBIDDEN");
        assertThat(ats.bed.event(0, 2)).isEqualTo(AtsBed.TO);
        assertThat(Event.RNW.isSet(ats.bed.event(0, 1))).isFalse();
    }

    @Test
    @Rule("SMMU-ATS-16")
    void shouldPassThemUnseenWithoutChecks() {
        DmaRequest request = ats.translated(0x100, AtsBed.TO + 0x123);
        assertOutcome(request, DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(AtsBed.TO + 0x123);
    }

    @Test
    @Rule("SMMU-ATS-17")
    void shouldForbidThemWithoutEats() {
        ats.control(Reg.CR0_ATSCHK);
        ats.bed.ste(6, Ste.valid(Ste.BYPASS));
        ats.bed.ste(7, Smmuv3Testbed.stage1Ste(AtsBed.CD, AtsBed.VMID));
        assertOutcome(ats.translated(6, AtsBed.TO), DmaOutcome.FAULT, "F_TRANSL_FORBIDDEN");
        ats.takeEvents();
        assertOutcome(ats.translated(7, AtsBed.TO), DmaOutcome.FAULT, "F_TRANSL_FORBIDDEN");
    }

    @Test
    @Rule("SMMU-ATS-18")
    void shouldAbortThemSilentlyOnAbort() {
        ats.control(Reg.CR0_ATSCHK);
        ats.bed.ste(6, Ste.valid(Ste.ABORT));
        assertOutcome(ats.translated(6, AtsBed.TO), DmaOutcome.ABORT);
    }

    @Test
    @Rule("SMMU-ATS-19")
    void shouldPassThemWithEats() {
        ats.control(Reg.CR0_ATSCHK);
        DmaRequest request = ats.translated(AtsBed.S1, AtsBed.TO + 8);
        assertOutcome(request, DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(AtsBed.TO + 8);
        // It has not left half of the configuration for others.
        ats.first.map(0x5000, AtsBed.TO, Vmsav8Tables.S1_PAGE);
        assertThat(ats.bed.dmaRead(AtsBed.S1, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    @Rule("SMMU-ATS-20")
    void shouldTranslateThemByStage2InSplitStage() {
        ats.nested(Ste.EATS_S1CHK);
        ats.control(Reg.CR0_ATSCHK);
        ats.second.map(0x1000_0000, AtsBed.TO, Vmsav8Tables.S2_PAGE);
        DmaRequest request = ats.translated(AtsBed.BOTH, 0x1000_0040);
        assertOutcome(request, DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(AtsBed.TO + 0x40);
        assertOutcome(ats.translated(AtsBed.BOTH, 0x1100_0000), DmaOutcome.FAULT, "F_TRANSLATION");
        assertThat(Event.S2.isSet(ats.bed.event(0, 1))).isTrue();
        assertThat(ats.bed.event(0, 2)).isEqualTo(0x1100_0000);
    }

    @Test
    @Rule("SMMU-ATS-21")
    void shouldRecordTheirConfigurationErrorsOnlyIfAsked() {
        ats.control(Reg.CR0_ATSCHK);
        assertOutcome(ats.translated(9, AtsBed.TO), DmaOutcome.FAULT);
        ats.recordErrors();
        ats.control(Reg.CR0_ATSCHK);
        assertOutcome(ats.translated(9, AtsBed.TO), DmaOutcome.FAULT, "C_BAD_STE");
    }

    @Test
    @Rule("SMMU-ATS-22")
    void shouldAbortAnAddressThatTheSmmuCannotPutOut() {
        assertOutcome(ats.translated(AtsBed.S1, 1L << 48), DmaOutcome.ABORT);
        ats.control(Reg.CR0_ATSCHK);
        assertOutcome(ats.translated(AtsBed.S1, 1L << 48), DmaOutcome.ABORT);
    }
}
