package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.RootEntry;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.api.Test;

/** CAP.CM: that something is not there is cached, too, until software says that it has come; first stages excepted. */
class CachingModeTest {
    private static final int SID = 0x28;
    private static final int DID = 7;
    private static final long DATA = 0x2000_0000L;

    private VtdTestbed bed = VtdTestbed.of("caching-mode").legacy();
    private final long root = bed.page();

    private void context() {
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
    }

    private void refused(int reason) {
        assertThat(bed.dmaRead(SID, 0x5000).outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.takeReason()).isEqualTo(reason);
    }

    private void allowed() {
        assertThat(bed.dmaRead(SID, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(bed.sim.violations().violations()).isEmpty();
    }

    @Test
    void shouldRememberThatThereIsNoContextEntryUnderDomainZero() {
        bed.mapSecond(root, 3, 0x5000, DATA);
        refused(FaultReason.ROOT_NOT_PRESENT);
        context();
        refused(FaultReason.ROOT_NOT_PRESENT);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, DID, SID, 0));
        refused(FaultReason.ROOT_NOT_PRESENT);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DEVICE, 0, SID, 0));
        allowed();
    }

    @Test
    void shouldRememberErrorsOfContextEntries() {
        bed.mapSecond(root, 3, 0x5000, DATA);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_RESERVED, root, 3, DID));
        refused(FaultReason.CONTEXT_INVALID);
        context();
        refused(FaultReason.CONTEXT_INVALID);
        bed.invalidate(Inv.context0(Inv.G_CONTEXT_DOMAIN, 0, 0, 0));
        allowed();
    }

    @Test
    void shouldNotRememberWhatCouldNotBeRead() {
        bed.mapSecond(root, 3, 0x5000, DATA);
        bed.words(RootEntry.address(VtdTestbed.ROOT, SID), RootEntry.present(0x3f_0000_0000L), 0);
        refused(FaultReason.CONTEXT_ACCESS);
        context();
        allowed();
    }

    @Test
    void shouldRememberThatThereIsNoPage() {
        context();
        refused(FaultReason.NO_READ);
        bed.mapSecond(root, 3, 0x5000, DATA);
        refused(FaultReason.NO_READ);
        bed.invalidate(Inv.iotlb0(Inv.G_IOTLB_PAGE, DID, true, true), Inv.pages1(0x6000, 0, true));
        refused(FaultReason.NO_READ);
        bed.invalidate(Inv.iotlb0(Inv.G_IOTLB_PAGE, DID, true, true), Inv.pages1(0x5000, 0, true));
        allowed();
    }

    @Test
    void shouldRememberWhatAPageRefusesOnly() {
        context();
        long entry = bed.mapSecond(root, 3, 0x5000, DATA, 0, SsPte.R);
        DmaRequest write = bed.dmaWrite(SID, 0x5000);
        assertThat(write.faultCode()).isEqualTo(FaultReason.NO_WRITE);
        allowed();
        assertThat(bed.dmaWrite(SID, 0x5000).faultCode()).isEqualTo(FaultReason.NO_WRITE);
        bed.memory.write64(entry, DATA | SsPte.R | SsPte.W);
        assertThat(bed.dmaWrite(SID, 0x5000).faultCode()).isEqualTo(FaultReason.NO_WRITE);
        bed.invalidate(Inv.iotlb0(Inv.G_IOTLB_DOMAIN, DID, true, true));
        assertThat(bed.dmaWrite(SID, 0x5000).outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    void shouldKeepQuietOutOfTheCacheToo() {
        bed.context(SID, new long[] {ContextEntry.FPD.mask(), 0});
        for (int i = 0; i < 2; i++) {
            assertThat(bed.dmaRead(SID, 0x5000).outcome()).isEqualTo(DmaOutcome.FAULT);
            assertThat(bed.faults()).isZero();
        }
    }

    /** Software has only the domain of the new entry to name. */
    @Test
    @Rule("VTD-PASID-17")
    void shouldForgetAnAbsentPasidEntryByItsNewDomain() {
        bed = VtdTestbed.of("scalable", Map.of("cm", 1L)).scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        long tables = bed.page();
        bed.mapSecond(tables, 4, 0x5000, DATA);
        bed.pasid(0, new long[PasidEntry.WORDS]);
        refused(FaultReason.PASID_NOT_PRESENT);
        bed.pasid(0, PasidEntry.secondStage(tables, 4, DID));
        refused(FaultReason.PASID_NOT_PRESENT);
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 1));
        refused(FaultReason.PASID_NOT_PRESENT);
        bed.invalidate(Inv.pasidCache0(Inv.G_PASID_CACHE_PASID, DID, 0));
        allowed();
    }

    @Test
    @Rule("VTD-PASID-17")
    void shouldNotRememberThatAFirstStageHasNoPage() {
        bed = VtdTestbed.of("scalable", Map.of("cm", 1L)).scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        long tables = bed.page();
        bed.pasid(0, PasidEntry.firstStage(tables, 4, DID));
        refused(FaultReason.FS_NOT_PRESENT);
        bed.mapFirst(tables, 4, 0x5000, DATA);
        allowed();
    }

    @Test
    void shouldRememberNothingAbsentWithoutCachingMode() {
        bed = VtdTestbed.of("legacy").legacy();
        refused(FaultReason.ROOT_NOT_PRESENT);
        long tables = bed.page();
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, tables, 3, DID));
        refused(FaultReason.NO_READ);
        bed.mapSecond(tables, 3, 0x5000, DATA);
        allowed();
    }

    /** Somebody who uses a refusal that was invalidated is as wrong as who uses a translation. */
    @Test
    void shouldBlameAUnitThatKeepsRefusing() {
        bed.device.mistakes().forgetsRefusals = true;
        context();
        refused(FaultReason.NO_READ);
        bed.mapSecond(root, 3, 0x5000, DATA);
        bed.invalidate(Inv.iotlb0(Inv.G_IOTLB_PAGE, DID, true, true), Inv.pages1(0x5000, 0, true));
        refused(FaultReason.NO_READ);
        assertThat(bed.sim.violations().violations()).hasSize(1);
        assertThat(bed.sim.violations().violations().get(0).message())
                .contains("uses an entry of dmar0.iotlb, made from the stage-2 entry");
    }
}
