package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.CompletionStatus;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.TranslationEntry;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;

/** Answers to translation requests, and what becomes of translated requests. */
class TranslationRequestTest {
    private static final int SID = 0x128;
    private static final int PASID = 3;
    private static final int NONE = DmaRequest.NO_PASID;
    private static final long DATA = 0x2000_0000L;
    private static final long NOWHERE = 0x3f_0000_0000L;
    private static final long RW = TranslationEntry.R | TranslationEntry.W;
    private static final long USER = X86Pte.RW | X86Pte.US;

    private VtdTestbed bed = VtdTestbed.of("scalable").scalable();
    private long root = bed.page();

    TranslationRequestTest() {
        bed.scalableContext(SID, VtdTestbed.function());
        bed.pasid(PASID, PasidEntry.firstStage(root, 4, 7));
    }

    private void legacy(int tt) {
        bed = VtdTestbed.of("legacy", Map.of("dt", 1L)).legacy();
        root = bed.page();
        bed.context(SID, ContextEntry.present(tt, root, 4, 7));
    }

    private DmaRequest request(int pasid, long address, boolean write) {
        DmaRequest request = bed.request(SID, pasid, address, write);
        request.resend(AddressType.TRANSLATION_REQUEST, address);
        return request;
    }

    private DmaRequest ask(int pasid, long address, boolean write) {
        return bed.dma(request(pasid, address, write));
    }

    /** What was found in order before is in the context cache. */
    private void forgetContexts() {
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_GLOBAL, 0, 0, 0));
    }

    private DmaRequest translated(int pasid, long address) {
        DmaRequest request = bed.request(SID, pasid, 0x5000, true);
        request.resend(AddressType.TRANSLATED, address);
        return bed.dma(request);
    }

    private void assertSuccess(DmaRequest request, long address, int shift, long bits) {
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(request.translationEntry()).isEqualTo(TranslationEntry.of(address, shift, bits));
        assertThat(bed.faults()).isZero();
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    private void assertNothingGranted(DmaRequest request) {
        assertThat(request.completionStatus()).isEqualTo(CompletionStatus.SUCCESS);
        assertThat(request.translationEntry()).isZero();
        assertThat(bed.faults()).isZero();
    }

    private void assertRefused(DmaRequest request, CompletionStatus status, int reason) {
        assertThat(request.completionStatus()).isEqualTo(status);
        assertThat(FaultReason.name(bed.takeReason())).isEqualTo(FaultReason.name(reason));
    }

    // ---- who may ask

    @Test
    @Rule("VTD-ATS-01")
    void shouldRefuseEverythingSilentlyWhileTranslationIsOff() {
        bed.write(Reg.GCMD, Reg.QIE);
        bed.run();
        assertThat(ask(NONE, 0x5000, true).completionStatus()).isEqualTo(CompletionStatus.UNSUPPORTED_REQUEST);
        assertThat(translated(NONE, DATA).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.faults()).isZero();
    }

    @Test
    @Rule("VTD-ATS-02")
    void shouldBlockWhatTheTranslationTypeDoesNotLetAsk() {
        for (int tt : new int[] {ContextEntry.TT_UNTRANSLATED, ContextEntry.TT_PASS_THROUGH}) {
            legacy(tt);
            assertRefused(ask(NONE, 0x5000, true), CompletionStatus.UNSUPPORTED_REQUEST, FaultReason.BLOCKED_TT);
            assertThat(translated(NONE, DATA).faultCode()).isEqualTo(FaultReason.BLOCKED_TT);
        }
        legacy(ContextEntry.TT_ALL);
        bed.mapSecond(root, 4, 0x5000, DATA);
        assertSuccess(ask(NONE, 0x5000, true), DATA, 12, RW);
        assertThat(translated(NONE, DATA).physicalAddress()).isEqualTo(DATA);
    }

    @Test
    @Rule("VTD-ATS-03")
    @Rule("VTD-ATS-16")
    void shouldBlockWhatTheContextDoesNotLetAsk() {
        long[] function = VtdTestbed.function();
        ScalableContextEntry.DTE.put(function, 0);
        bed.scalableContext(SID, function);
        DmaRequest asked = ask(PASID, 0x5000, true);
        assertThat(Frcd.AT.getInt(bed.fault(0)[1])).isEqualTo(Frcd.AT_TRANSLATION_REQUEST);
        assertRefused(asked, CompletionStatus.UNSUPPORTED_REQUEST, FaultReason.SM_DTE);
        assertThat(translated(PASID, DATA).faultCode()).isEqualTo(FaultReason.SM_DTE);
        assertThat(Frcd.AT.getInt(bed.fault(1)[1])).isEqualTo(Frcd.AT_TRANSLATED);
    }

    // ---- configuration

    @Test
    @Rule("VTD-ATS-04")
    void shouldAbortIfConfigurationIsInErrorOrCannotBeRead() {
        long[] words = PasidEntry.firstStage(root, 4, 7);
        words[5] = 1;
        bed.pasid(4, words);
        assertRefused(ask(4, 0x5000, false), CompletionStatus.COMPLETER_ABORT, FaultReason.PASID_RESERVED);
        forgetContexts();
        words = VtdTestbed.function();
        words[2] = 1;
        bed.scalableContext(SID, words);
        assertRefused(ask(PASID, 0x5000, false), CompletionStatus.COMPLETER_ABORT, FaultReason.SM_CONTEXT_RESERVED);
        bed.words(RootEntry.address(VtdTestbed.ROOT, SID), RootEntry.present(NOWHERE));
        assertRefused(ask(PASID, 0x5000, false), CompletionStatus.COMPLETER_ABORT, FaultReason.SM_CONTEXT_ACCESS);
    }

    @Test
    @Rule("VTD-ATS-05")
    void shouldNotSupportWhatConfigurationDoesNotHave() {
        bed.pasid(4, new long[PasidEntry.WORDS]);
        assertRefused(ask(4, 0x5000, false), CompletionStatus.UNSUPPORTED_REQUEST, FaultReason.PASID_NOT_PRESENT);
        DmaRequest privileged = request(PASID, 0x5000, false);
        privileged.attributes(true, false);
        assertRefused(bed.dma(privileged), CompletionStatus.UNSUPPORTED_REQUEST, FaultReason.SM_SRE);
        forgetContexts();
        bed.scalableContext(SID, new long[ScalableContextEntry.WORDS]);
        assertRefused(
                ask(PASID, 0x5000, false), CompletionStatus.UNSUPPORTED_REQUEST, FaultReason.SM_CONTEXT_NOT_PRESENT);
        bed.words(RootEntry.address(VtdTestbed.ROOT, SID), 0);
        assertRefused(ask(PASID, 0x5000, false), CompletionStatus.UNSUPPORTED_REQUEST, FaultReason.SM_ROOT_NOT_PRESENT);
    }

    // ---- what is granted

    @Test
    @Rule("VTD-ATS-06")
    void shouldGrantNothingWhereNothingIsMapped() {
        bed.mapFirst(root, 4, 0x6000, DATA, X86Pte.RW);
        assertNothingGranted(ask(PASID, 0x5000, true));
        assertNothingGranted(ask(PASID, 0x6000, true));
        assertNothingGranted(ask(PASID, 1L << 50, true));
        NestedTables nested = new NestedTables(bed);
        bed.pasid(4, nested.entry(9));
        nested.mapFirst(0x2000, 0xa000);
        assertNothingGranted(ask(4, 0x2000, true));
    }

    @Test
    @Rule("VTD-ATS-07")
    @Rule("VTD-AD-11")
    void shouldGrantWhatThePageAllows() {
        long clean = bed.mapFirst(root, 4, 0x5000, DATA);
        bed.mapFirst(root, 4, 0x6000, DATA, X86Pte.US);
        assertSuccess(ask(PASID, 0x5000, false), DATA, 12, TranslationEntry.R);
        assertThat(bed.memory.read64(clean) & X86Pte.D)
                .as("nobody wants to write")
                .isZero();
        assertSuccess(ask(PASID, 0x5000, true), DATA, 12, RW);
        assertThat(bed.memory.read64(clean) & X86Pte.D).isNotZero();
        assertSuccess(ask(PASID, 0x5000, false), DATA, 12, RW);
        assertSuccess(ask(PASID, 0x6000, true), DATA, 12, TranslationEntry.R);
    }

    @Test
    @Rule("VTD-ATS-07")
    void shouldGrantWritingAlone() {
        bed.pasid(4, PasidEntry.secondStage(root, 4, 9));
        bed.mapSecond(root, 4, 0x5000, DATA, 0, SsPte.W);
        assertSuccess(ask(4, 0x5000, true), DATA, 12, TranslationEntry.W);
        assertNothingGranted(ask(4, 0x5000, false));
    }

    @Test
    @Rule("VTD-ATS-08")
    void shouldGrantExecutionAndPrivilegeOnlyToWhoAsks() {
        long[] words = PasidEntry.firstStage(root, 4, 7);
        PasidEntry.SRE.put(words, 1);
        PasidEntry.ERE.put(words, 1);
        PasidEntry.NXE.put(words, 1);
        bed.pasid(4, words);
        bed.mapFirst(root, 4, 0x5000, DATA, X86Pte.US);
        bed.mapFirst(root, 4, 0x6000, DATA, X86Pte.US | X86Pte.XD);
        assertSuccess(ask(4, 0x5000, false), DATA, 12, TranslationEntry.R);
        DmaRequest execute = request(4, 0x5000, false);
        execute.attributes(false, true);
        assertSuccess(bed.dma(execute), DATA, 12, TranslationEntry.R | TranslationEntry.EXE);
        DmaRequest both = request(4, 0x6000, false);
        both.attributes(true, true);
        assertSuccess(bed.dma(both), DATA, 12, TranslationEntry.R | TranslationEntry.PRIV);
        bed.pasid(0, words);
        assertSuccess(ask(NONE, 0x5000, false), DATA, 12, TranslationEntry.R);
    }

    @Test
    @Rule("VTD-ATS-09")
    void shouldSayThatAPageIsGlobalOnlyWithPasid() {
        bed.mapFirst(root, 4, 0x5000, DATA, USER | X86Pte.G);
        bed.pasid(0, PasidEntry.firstStage(root, 4, 7));
        assertSuccess(ask(PASID, 0x5000, true), DATA, 12, RW | TranslationEntry.GLOBAL);
        assertSuccess(ask(NONE, 0x5000, true), DATA, 12, RW);
    }

    @Test
    @Rule("VTD-ATS-10")
    void shouldAnswerTheSmallerSizeOfBothStages() {
        bed.pasid(4, PasidEntry.secondStage(root, 4, 9));
        bed.mapSecond(root, 4, 0x4000_0000L, DATA, 1, SsPte.R | SsPte.W);
        assertSuccess(ask(4, 0x4000_3000L, true), DATA, 21, RW);
        NestedTables nested = new NestedTables(bed);
        bed.pasid(5, nested.entry(10));
        nested.mapFirst(0x1000, 0x4000_3000L);
        bed.mapSecond(nested.second, 4, 0x4000_0000L, DATA, 1, SsPte.R | SsPte.W);
        assertSuccess(ask(5, 0x1000, true), DATA + 0x3000, 12, RW);
    }

    @Test
    @Rule("VTD-ATS-11")
    void shouldAnswerPassThroughWithTheAddressItself() {
        bed.pasid(4, PasidEntry.passThrough(1));
        assertSuccess(ask(4, DATA + 0x7000, false), DATA + 0x7000, 12, RW);
        assertNothingGranted(ask(4, 1L << 57, false));
    }

    @Test
    @Rule("VTD-ATS-12")
    void shouldAbortIfTablesAreInErrorOrCannotBeRead() {
        bed.memory.write64(root + 8, X86Pte.table(NOWHERE));
        assertRefused(ask(PASID, 1L << 39, false), CompletionStatus.COMPLETER_ABORT, FaultReason.FS_ACCESS);
        bed.memory.write64(root + 16, X86Pte.table(0) | X86Pte.PS);
        assertRefused(ask(PASID, 2L << 39, false), CompletionStatus.COMPLETER_ABORT, FaultReason.FS_RESERVED);
    }

    // ---- interrupts

    @Test
    @Rule("VTD-ATS-13")
    void shouldNotGiveOutTheInterruptRange() {
        bed.mapFirst(root, 4, 0x5000, 0xfee0_0000L);
        assertNothingGranted(ask(PASID, 0x5000, true));
        bed.pasid(4, PasidEntry.passThrough(1));
        assertNothingGranted(ask(4, 0xfee0_1000L, true));
        assertThat(ask(NONE, 0xfee0_1000L, true).completionStatus()).isEqualTo(CompletionStatus.UNSUPPORTED_REQUEST);
        assertThat(bed.faults()).isZero();
    }

    // ---- translated requests

    @Test
    @Rule("VTD-ATS-14")
    @Rule("VTD-ATS-15")
    void shouldLetTranslatedRequestsPassWithoutTables() {
        DmaRequest passed = translated(PASID, DATA + 0x18);
        assertThat(passed.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(passed.physicalAddress()).as("nothing is mapped").isEqualTo(DATA + 0x18);
        assertThat(translated(PASID, 1L << 52).outcome()).isEqualTo(DmaOutcome.ABORT);
        assertThat(bed.faults()).isZero();
    }

    /** ECAP.NWFS=0: whoever asks is taken to want to write. */
    @Test
    void shouldTakeEveryRequestForAWriteIfItKnowsNoFlag() {
        bed = VtdTestbed.of("scalable", Map.of("nwfs", 0L)).scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        root = bed.page();
        bed.pasid(PASID, PasidEntry.firstStage(root, 4, 7));
        long entry = bed.mapFirst(root, 4, 0x5000, DATA);
        assertSuccess(ask(PASID, 0x5000, false), DATA, 12, RW);
        assertThat(bed.memory.read64(entry) & X86Pte.D).isNotZero();
        bed.mapFirst(root, 4, 0x6000, DATA, X86Pte.US);
        assertSuccess(ask(PASID, 0x6000, false), DATA, 12, TranslationEntry.R);
    }
}
