package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.PasidEntry;

/** Tables of each mode for tests that break one of them, and what a request must have met. */
abstract class FaultyTables {
    static final int SID = 0x128;
    static final long DATA = 0x2000_0000L;
    static final long NOWHERE = 0x3f_0000_0000L;
    static final long CONTEXT_TABLE = VtdTestbed.CONTEXTS + 0x2000;

    VtdTestbed bed = VtdTestbed.of("legacy");
    long root;

    void legacy() {
        bed.legacy();
        root = bed.page();
        bed.mapSecond(root, 4, 0x5000, DATA);
        bed.context(SID, context());
    }

    long[] context() {
        return ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 4, 7);
    }

    void scalable() {
        bed = VtdTestbed.of("scalable").scalable();
        root = bed.page();
        bed.scalableContext(SID, VtdTestbed.function());
    }

    void firstStage() {
        scalable();
        bed.mapFirst(root, 4, 0x5000, DATA);
        bed.pasid(3, PasidEntry.firstStage(root, 4, 7));
    }

    DmaRequest read(int pasid, long iova) {
        return bed.dma(bed.request(SID, pasid, iova, false));
    }

    void faults(DmaRequest request, int reason) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(FaultReason.name(bed.takeReason())).isEqualTo(FaultReason.name(reason));
        assertThat(request.faultCode()).isEqualTo(reason);
        assertThat(request.totalTicks()).isEqualTo(request.latency());
    }

    void faults(int reason) {
        faults(bed.dmaRead(SID, 0x5000), reason);
    }

    void silent(DmaRequest request) {
        assertThat(request.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.faults()).isZero();
    }
}
