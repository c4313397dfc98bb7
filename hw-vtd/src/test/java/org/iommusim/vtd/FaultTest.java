package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong ends a request with the architecture's reason, and the record says who wanted what. */
class FaultTest {
    private static final int SID = 0x128;
    private static final long DATA = 0x2000_0000L;
    private static final long NOWHERE = 0x3f_0000_0000L;
    private static final long CONTEXT_TABLE = VtdTestbed.CONTEXTS + 0x2000;

    private VtdTestbed bed = VtdTestbed.of("legacy");
    private long root;

    private void legacy() {
        bed.legacy();
        root = bed.page();
        bed.mapSecond(root, 4, 0x5000, DATA);
        bed.context(SID, context());
    }

    private long[] context() {
        return ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 4, 7);
    }

    private void scalable() {
        bed = VtdTestbed.of("scalable").scalable();
        root = bed.page();
        bed.scalableContext(SID, VtdTestbed.function());
    }

    private void firstStage() {
        scalable();
        bed.mapFirst(root, 4, 0x5000, DATA);
        bed.pasid(3, PasidEntry.firstStage(root, 4, 7));
    }

    private DmaRequest read(int pasid, long iova) {
        return bed.dma(bed.request(SID, pasid, iova, false));
    }

    private void faults(DmaRequest request, int reason) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(FaultReason.name(bed.takeReason())).isEqualTo(FaultReason.name(reason));
        assertThat(request.faultCode()).isEqualTo(reason);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    private void faults(int reason) {
        faults(bed.dmaRead(SID, 0x5000), reason);
    }

    private void silent(DmaRequest request) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.faults()).isZero();
    }

    // ---- legacy

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

    // ---- interrupt range

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

    // ---- scalable: root, context, PASID

    @Test
    void shouldRefuseScalableRootEntries() {
        scalable();
        long entry = RootEntry.address(VtdTestbed.ROOT, SID);
        bed.words(entry, 0, RootEntry.present(CONTEXT_TABLE));
        faults(FaultReason.SM_ROOT_NOT_PRESENT);
        bed.words(entry, RootEntry.present(CONTEXT_TABLE) | 2);
        faults(FaultReason.SM_ROOT_RESERVED);
        bed.words(entry, RootEntry.present(NOWHERE));
        faults(FaultReason.SM_CONTEXT_ACCESS);
        bed.write64(Reg.RTADDR, NOWHERE | Reg.TTM_SCALABLE << Reg.RTADDR_TTM_SHIFT);
        bed.command(Reg.SRTP);
        faults(FaultReason.SM_ROOT_ACCESS);
    }

    @Test
    void shouldUseTheUpperHalfOfARootEntry() {
        scalable();
        int upper = SID | 0x80;
        bed.words(RootEntry.address(VtdTestbed.ROOT, upper), RootEntry.present(CONTEXT_TABLE), 0);
        faults(bed.dmaRead(upper, 0x5000), FaultReason.SM_ROOT_NOT_PRESENT);
        bed.scalableContext(upper, VtdTestbed.function());
        bed.pasid(0, PasidEntry.passThrough(1));
        assertThat(bed.dmaRead(upper, DATA).outcome()).isEqualTo(DmaOutcome.BYPASS);
    }

    @Test
    @Rule("VTD-PASID-02")
    @Rule("VTD-PASID-03")
    void shouldRefuseScalableContextEntries() {
        scalable();
        bed.scalableContext(SID, new long[4]);
        faults(FaultReason.SM_CONTEXT_NOT_PRESENT);
        long[] words = VtdTestbed.function();
        words[3] = 1;
        bed.scalableContext(SID, words);
        faults(FaultReason.SM_CONTEXT_RESERVED);
        words = ScalableContextEntry.present(VtdTestbed.DIRECTORY, 0, 0);
        bed.scalableContext(SID, words);
        faults(read(3, 0x5000), FaultReason.SM_PASIDE);
        DmaRequest request = bed.request(SID, DmaRequest.NO_PASID, 0x5000, true);
        request.resend(AddressType.TRANSLATED, DATA);
        faults(bed.dma(request), FaultReason.SM_DTE);
        bed.scalableContext(SID + 1, ScalableContextEntry.present(VtdTestbed.DIRECTORY, 0, 1 << 13));
        faults(bed.dmaRead(SID + 1, 0x5000), FaultReason.SM_RID_PASID);
        bed.scalableContext(SID + 2, VtdTestbed.function());
        faults(bed.dma(bed.request(SID + 2, 1 << 13, 0x5000, false)), FaultReason.SM_PASID_RANGE);
    }

    @Test
    @Rule("VTD-PASID-05")
    @Rule("VTD-PASID-06")
    void shouldRefusePasidDirectoryEntries() {
        scalable();
        faults(FaultReason.PASID_DIR_NOT_PRESENT);
        long entry = PasidDirEntry.address(VtdTestbed.DIRECTORY, 0);
        bed.words(entry, PasidDirEntry.present(VtdTestbed.PASIDS) | 4);
        faults(FaultReason.PASID_DIR_RESERVED);
        bed.words(entry, PasidDirEntry.present(NOWHERE));
        faults(FaultReason.PASID_ACCESS);
        long[] words = VtdTestbed.function();
        ScalableContextEntry.PASIDDIRPTR.putInPlace(words, NOWHERE);
        bed.scalableContext(SID + 1, words);
        faults(bed.dmaRead(SID + 1, 0x5000), FaultReason.PASID_DIR_ACCESS);
    }

    @Test
    @Rule("VTD-PASID-06")
    void shouldRefusePasidEntries() {
        scalable();
        bed.pasid(0, new long[PasidEntry.WORDS]);
        faults(FaultReason.PASID_NOT_PRESENT);
        long[] words = PasidEntry.passThrough(1);
        words[7] = 1;
        bed.pasid(0, words);
        faults(FaultReason.PASID_RESERVED);
        words = PasidEntry.passThrough(1);
        PasidEntry.PGTT.put(words, 0);
        bed.pasid(0, words);
        faults(FaultReason.PASID_INVALID);
    }

    // ---- requests for execution, of supervisors

    @Test
    @Rule("VTD-PASID-08")
    void shouldRefuseKindsOfRequestsThatThePasidEntryDoesNotAllow() {
        firstStage();
        DmaRequest request = bed.request(SID, 3, 0x5000, false);
        request.attributes(true, false);
        faults(bed.dma(request), FaultReason.SM_SRE);
        request = bed.request(SID, 3, 0x5000, false);
        request.attributes(false, true);
        faults(bed.dma(request), FaultReason.SM_ERE);
    }

    @Test
    void shouldCheckWhatAFirstStagePageAllows() {
        scalable();
        long[] words = PasidEntry.firstStage(root, 4, 7);
        PasidEntry.SRE.put(words, 1);
        PasidEntry.ERE.put(words, 1);
        PasidEntry.NXE.put(words, 1);
        PasidEntry.WPE.put(words, 1);
        bed.pasid(3, words);
        bed.mapFirst(root, 4, 0x5000, DATA, X86Pte.RW);
        bed.mapFirst(root, 4, 0x6000, DATA, X86Pte.US);
        bed.mapFirst(root, 4, 0x7000, DATA, X86Pte.US | X86Pte.XD);
        faults(read(3, 0x5000), FaultReason.FS_PRIVILEGE);
        DmaRequest privileged = bed.request(SID, 3, 0x5000, true);
        privileged.attributes(true, false);
        assertThat(bed.dma(privileged).outcome()).isEqualTo(DmaOutcome.OK);
        faults(bed.dma(bed.request(SID, 3, 0x6000, true)), FaultReason.SM_NO_WRITE);
        DmaRequest execute = bed.request(SID, 3, 0x7000, false);
        execute.attributes(false, true);
        faults(bed.dma(execute), FaultReason.SM_NO_EXECUTE);
        execute = bed.request(SID, 3, 0x6000, false);
        execute.attributes(false, true);
        assertThat(bed.dma(execute).outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    @Rule("VTD-PASID-14")
    void shouldTakeThePrivilegeOfRequestsWithoutPasidFromTheContext() {
        scalable();
        long[] words = PasidEntry.firstStage(root, 4, 7);
        PasidEntry.SRE.put(words, 1);
        bed.pasid(0, words);
        bed.mapFirst(root, 4, 0x5000, DATA, X86Pte.RW);
        faults(bed.dmaRead(SID, 0x5000), FaultReason.FS_PRIVILEGE);
        long[] function = VtdTestbed.function();
        ScalableContextEntry.RID_PRIV.put(function, 1);
        bed.scalableContext(SID + 1, function);
        assertThat(bed.dmaRead(SID + 1, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);
    }

    // ---- tables of scalable mode

    @Test
    void shouldRefuseFirstStageEntries() {
        firstStage();
        faults(read(3, 0x6000), FaultReason.FS_NOT_PRESENT);
        faults(read(3, 1L << 47), FaultReason.FS_NOT_CANONICAL);
        bed.memory.write64(root + 8, X86Pte.table(0) | X86Pte.PS);
        faults(read(3, 1L << 39), FaultReason.FS_RESERVED);
        bed.memory.write64(root + 16, X86Pte.table(NOWHERE));
        faults(read(3, 2L << 39), FaultReason.FS_ACCESS);
        bed.pasid(4, PasidEntry.firstStage(NOWHERE, 4, 7));
        faults(read(4, 0x5000), FaultReason.FSPTPTR_ACCESS);
    }

    @Test
    void shouldRefuseSecondStageEntriesOfScalableMode() {
        scalable();
        bed.pasid(0, PasidEntry.secondStage(root, 4, 7));
        faults(bed.dmaRead(SID, 0x6000), FaultReason.SM_NO_READ);
        faults(bed.dmaWrite(SID, 0x6000), FaultReason.SM_NO_WRITE);
        faults(bed.dmaRead(SID, 1L << 48), FaultReason.SM_BEYOND_MGAW);
        bed.memory.write64(root + 8, SsPte.table(0) | SsPte.PS);
        faults(bed.dmaRead(SID, 1L << 39), FaultReason.SM_SS_RESERVED);
        bed.memory.write64(root + 16, SsPte.table(NOWHERE));
        faults(bed.dmaRead(SID, 2L << 39), FaultReason.SM_SS_ACCESS);
    }

    @Test
    void shouldSayWhichPartOfANestedWalkFailed() {
        scalable();
        NestedTables nested = new NestedTables(bed);
        bed.pasid(3, nested.entry(9));
        nested.map(0x1000, 0x9000, DATA);
        nested.mapFirst(0x2000, 0xa000);
        faults(read(3, 0x2000), FaultReason.SM_SS_PERMISSION);
        nested.mapFirst(0x3000, 1L << 50);
        faults(read(3, 0x3000), FaultReason.SM_SS_RANGE);
    }

    @Test
    @Rule("VTD-AD-08")
    void shouldSayWhatTheSecondStageRefusedOfFirstStageTables() {
        scalable();
        NestedTables nested = new NestedTables(bed);
        bed.pasid(3, nested.entry(9));
        nested.map(0x1000, 0x9000, DATA);
        // The last table may not be written, so that there is no accessed flag.
        long table = NestedTables.FIRST + 0x3000;
        bed.memory.write64(nested.secondEntryAddress(table), nested.host(table) | SsPte.R);
        faults(read(3, 0x1000), FaultReason.FS_SS_WRITE);
        nested.map(1L << 30, 0x9000, DATA);
        bed.memory.write64(nested.secondEntryAddress(NestedTables.FIRST + 0x4000), 0);
        faults(read(3, 1L << 30), FaultReason.FS_SS_READ);
        bed.memory.write64(nested.secondEntryAddress(NestedTables.FIRST), 0);
        faults(read(3, 1L << 40), FaultReason.FSPTPTR_SS);
    }

    // ---- silence

    @Test
    void shouldKeepQualifiedFaultsOfQuietEntriesSilent() {
        legacy();
        long[] words = context();
        ContextEntry.FPD.put(words, 1);
        bed.context(SID, words);
        silent(bed.dmaRead(SID, 0x6000));
        bed.context(SID + 1, new long[] {ContextEntry.FPD.mask(), 0});
        silent(bed.dmaRead(SID + 1, 0x5000));
        bed.words(RootEntry.address(VtdTestbed.ROOT, SID), 0);
        faults(bed.dmaRead(SID + 2, 0x5000), FaultReason.ROOT_NOT_PRESENT);
    }

    @Test
    @Rule("VTD-PASID-09")
    void shouldListenToEveryEntryOnTheWay() {
        firstStage();
        long[] function = VtdTestbed.function();
        ScalableContextEntry.FPD.put(function, 1);
        bed.scalableContext(SID + 1, function);
        silent(bed.dma(bed.request(SID + 1, 3, 0x6000, false)));
        bed.pasid(4, new long[] {PasidEntry.FPD.mask(), 0, 0, 0, 0, 0, 0, 0});
        silent(read(4, 0x5000));
        long directory = PasidDirEntry.address(VtdTestbed.DIRECTORY, 0x80);
        bed.words(directory, PasidDirEntry.present(VtdTestbed.PASIDS) | PasidDirEntry.FPD.mask());
        silent(read(0x83, 0x6000));
        // Out of the PASID cache, too.
        silent(read(0x83, 0x6000));
        faults(read(3, 0x6000), FaultReason.FS_NOT_PRESENT);
    }

    // ---- the record

    @Test
    void shouldRecordWhoWantedWhat() {
        firstStage();
        DmaRequest request = bed.request(SID, 3, 0x12_3456_7890L, true);
        bed.dma(request);
        long[] record = bed.fault(0);
        assertThat(Frcd.FI.inPlace(record[0])).isEqualTo(0x12_3456_7000L);
        assertThat(Frcd.SID.in(record)).isEqualTo(SID);
        assertThat(Frcd.FR.in(record)).isEqualTo(FaultReason.FS_NOT_PRESENT);
        assertThat(Frcd.PP.in(record)).isEqualTo(1);
        assertThat(Frcd.PV.in(record)).isEqualTo(3);
        assertThat(Frcd.T1.in(record)).isZero();
        assertThat(Frcd.T2.in(record)).isZero();
        assertThat(Frcd.EXE.in(record)).isZero();
        assertThat(Frcd.PRIV.in(record)).isZero();
        assertThat(Frcd.AT.in(record)).isEqualTo(Frcd.AT_UNTRANSLATED);
        assertThat(bed.read(Reg.FSTS) & Reg.FSTS_PPF).isNotZero();
        assertThat(bed.interrupts).hasSize(1);
    }

    @Test
    @Rule("VTD-PASID-10")
    void shouldRecordExecutionAndPrivilege() {
        firstStage();
        DmaRequest request = bed.request(SID, 3, 0x6000, false);
        request.attributes(true, true);
        bed.dma(request);
        long[] record = bed.fault(0);
        assertThat(Frcd.FR.in(record)).isEqualTo(FaultReason.SM_ERE);
        assertThat(Frcd.T1.in(record)).isEqualTo(1);
        assertThat(Frcd.EXE.in(record)).isEqualTo(1);
        assertThat(Frcd.PRIV.in(record)).isEqualTo(1);
    }

    @Test
    @Rule("VTD-PASID-10")
    void shouldNotShowRidPasid() {
        scalable();
        bed.pasid(0, PasidEntry.secondStage(root, 4, 7));
        bed.dmaRead(SID, 0x6000);
        long[] record = bed.fault(0);
        assertThat(Frcd.PP.in(record)).isZero();
        assertThat(Frcd.PV.in(record)).isZero();
    }
}
