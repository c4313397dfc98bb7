package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.PasidDirEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.junit.jupiter.api.Test;

/** The record of a fault says who wanted what; entries with fault processing disabled make none. */
class FaultReportTest extends FaultyTables {
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
