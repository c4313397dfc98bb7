package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.AddressType;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;

/** What is wrong in scalable mode ends a request with the architecture's reason. */
class ScalableFaultTest extends FaultyTables {
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
}
