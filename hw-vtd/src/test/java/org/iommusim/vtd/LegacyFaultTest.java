package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with the mode, with legacy mode's tables, or reaches for interrupts ends a request with the architecture's reason. */
class LegacyFaultTest extends FaultyTables {
    @Test
    void shouldRefuseRootEntries() {
        legacy();
        long entry = RootEntry.address(VtdTestbed.ROOT, SID);
        bed.words(entry, 0);
        faults(FaultReason.ROOT_NOT_PRESENT);
        bed.words(entry, RootEntry.present(CONTEXT_TABLE), 1);
        faults(FaultReason.ROOT_RESERVED);
        bed.write64(Reg.RTADDR, NOWHERE);
        bed.command(Reg.SRTP);
        faults(FaultReason.ROOT_ACCESS);
    }

    @Test
    void shouldRefuseContextEntries() {
        legacy();
        bed.context(SID, new long[2]);
        faults(FaultReason.CONTEXT_NOT_PRESENT);
        long[] words = context();
        words[0] |= 1 << 5;
        bed.context(SID, words);
        faults(FaultReason.CONTEXT_RESERVED);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_RESERVED, root, 4, 7));
        faults(FaultReason.CONTEXT_INVALID);
        bed.words(RootEntry.address(VtdTestbed.ROOT, SID), RootEntry.present(NOWHERE), 0);
        faults(FaultReason.CONTEXT_ACCESS);
    }

    @Test
    void shouldRefuseSecondStageEntries() {
        legacy();
        faults(bed.dmaRead(SID, 0x6000), FaultReason.NO_READ);
        faults(bed.dmaWrite(SID, 0x6000), FaultReason.NO_WRITE);
        bed.mapSecond(root, 4, 0x7000, DATA, 0, SsPte.R);
        faults(bed.dmaWrite(SID, 0x7000), FaultReason.NO_WRITE);
        bed.mapSecond(root, 4, 0x8000, DATA, 0, SsPte.W);
        faults(bed.dmaRead(SID, 0x8000), FaultReason.NO_READ);
        bed.mapSecond(root, 4, 0x9000, DATA, 0, SsPte.R | SsPte.TM);
        faults(bed.dmaRead(SID, 0x9000), FaultReason.SS_RESERVED);
        faults(bed.dmaRead(SID, 1L << 48), FaultReason.BEYOND_MGAW);
        bed.context(SID + 1, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, NOWHERE, 4, 8));
        faults(bed.dmaRead(SID + 1, 0x5000), FaultReason.SS_ACCESS);
    }

    @Test
    void shouldRefuseWhatIsTooWideToPass() {
        legacy();
        bed.context(SID, ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, 4, 7));
        faults(bed.dmaRead(SID, 1L << 48), FaultReason.BEYOND_MGAW);
    }

    @Test
    void shouldBlockWhatTheTranslationTypeBlocks() {
        bed = VtdTestbed.of("legacy", Map.of("dt", 1L));
        legacy();
        DmaRequest request = bed.request(SID, DmaRequest.NO_PASID, 0x5000, true);
        request.resend(AddressType.TRANSLATED, DATA);
        faults(bed.dma(request), FaultReason.BLOCKED_TT);
    }

    @Test
    @Rule("VTD-PASID-07")
    void shouldRefuseRequestsWithPasidInLegacyMode() {
        legacy();
        faults(read(3, 0x5000), FaultReason.SM_TTM_PASID);
    }

    @ParameterizedTest
    @ValueSource(ints = {Reg.TTM_SCALABLE, Reg.TTM_RESERVED, Reg.TTM_ABORT})
    void shouldRefuseModesThatTheUnitDoesNotHave(int mode) {
        legacy();
        bed.root(mode);
        faults(FaultReason.SM_TTM);
    }

    @Test
    void shouldAbortEverythingInAbortMode() {
        scalable();
        bed.root(Reg.TTM_ABORT);
        faults(FaultReason.SM_ABORT_MODE);
        bed.root(Reg.TTM_RESERVED);
        faults(FaultReason.SM_TTM);
    }

    @Test
    void shouldNotReachInterruptsByTranslation() {
        legacy();
        bed.mapSecond(root, 4, 0x6000, 0xfee0_0000L);
        faults(bed.dmaWrite(SID, 0x6000), FaultReason.OUTPUT_INTERRUPT_RANGE);
        bed.mapSecond(root, 4, 0x4000_0000L, 0xc000_0000L, 2, SsPte.R | SsPte.W);
        faults(bed.dmaWrite(SID, 0x4000_0000L), FaultReason.OUTPUT_INTERRUPT_RANGE);
    }

    @Test
    void shouldRefuseOnlyTheInterruptRangeOfALargePageIfAsked() {
        bed = VtdTestbed.of("legacy", Map.of("interrupt_range_pages", 0L));
        legacy();
        bed.mapSecond(root, 4, 0x4000_0000L, 0, 2, SsPte.R | SsPte.W);
        bed.mapSecond(root, 4, 0x8000_0000L, 0xc000_0000L, 2, SsPte.R | SsPte.W);
        assertThat(bed.dmaWrite(SID, 0x4000_0000L).outcome()).isEqualTo(DmaOutcome.OK);
        faults(bed.dmaWrite(SID, 0x8000_0000L + 0x3ee0_0000L), FaultReason.OUTPUT_INTERRUPT_RANGE);
        // And again, out of the IOTLB.
        faults(bed.dmaWrite(SID, 0x8000_0000L + 0x3ee0_0000L), FaultReason.OUTPUT_INTERRUPT_RANGE);
    }

    @Test
    void shouldAbortReadsOfInterruptAddressesWithoutARecord() {
        legacy();
        assertThat(bed.dmaRead(SID, 0xfee0_0000L).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.faults()).isZero();
    }

    @Test
    void shouldTranslateInterruptAddressesOfPasids() {
        firstStage();
        bed.mapFirst(root, 4, 0xfee0_0000L, DATA);
        assertThat(bed.dma(bed.request(SID, 3, 0xfee0_0000L, true)).physicalAddress())
                .isEqualTo(DATA);
        bed.mapFirst(root, 4, 0x6000, 0xfee0_0000L);
        faults(read(3, 0x6000), FaultReason.SM_OUTPUT_INTERRUPT_RANGE);
    }
}
