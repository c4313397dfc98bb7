package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.PasidEntry;
import org.iommusim.vtd.spec.Reg;
import org.iommusim.vtd.spec.ScalableContextEntry;
import org.junit.jupiter.api.Test;

/** Faults of page requests that may not be made: recorded as such, and answered without software. */
class FaultReasonPageTest {
    private static final int SID = 0x128;
    private static final int PASID = 3;

    private final VtdTestbed bed = VtdTestbed.of("scalable").scalable();
    private final List<String> answers = new ArrayList<>();

    FaultReasonPageTest() {
        bed.scalableContext(SID, VtdTestbed.function());
        bed.pasid(PASID, PasidEntry.firstStage(bed.page(), 4, 7));
        bed.device.connect(new AtsEndpoint() {
            @Override
            public int requesterId() {
                return SID;
            }

            @Override
            public int invalidateQueueDepth() {
                return 32;
            }

            @Override
            public void invalidate(int tag, int pasid, boolean global, long address, int shift) {}

            @Override
            public void respond(int group, int pasid, PageResponse response) {
                answers.add(group + " " + response);
            }
        });
    }

    private void ask(int pasid) {
        bed.device.pageRequested(new PageRequest(SID, pasid, 0x5000, 1, true, true, true, false, false));
        bed.run();
    }

    private void assertRefused(int reason) {
        assertThat(Frcd.type(bed.fault(0)[1])).isEqualTo(Frcd.TYPE_PAGE_REQUEST);
        assertThat(FaultReason.name(bed.takeReason())).isEqualTo(FaultReason.name(reason));
        assertThat(answers).singleElement().asString().startsWith("1 ").isNotEqualTo("1 SUCCESS");
        assertThat(bed.read(Reg.PQT)).isZero();
    }

    @Test
    void shouldRefusePageRequestsInLegacyMode() {
        bed.root(Reg.TTM_LEGACY);
        ask(DmaRequest.NO_PASID);
        assertRefused(FaultReason.SM_TTM_GROUP);
    }

    @Test
    void shouldRefusePageRequestsThatTheContextForbids() {
        long[] function = VtdTestbed.function();
        ScalableContextEntry.PRE.put(function, 0);
        bed.scalableContext(SID, function);
        ask(PASID);
        assertRefused(FaultReason.SM_PRE);
    }

    @Test
    void shouldRecordWhatMayBeAsked() {
        ask(PASID);
        assertThat(bed.faults()).isZero();
        assertThat(answers).isEmpty();
        assertThat(bed.read(Reg.PQT)).isEqualTo(32);
    }
}
