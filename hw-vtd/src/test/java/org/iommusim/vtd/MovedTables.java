package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.SsPte;

/**
 * Translations that are used, and then lead elsewhere: whoever still finds the old place has them from a cache that was not
 * invalidated.
 */
abstract class MovedTables {
    static final int SID = 0x128;
    static final int DID = 7;
    static final long OLD = 0x2000_0000L;
    static final long NEW = 0x2800_0000L;
    static final long RW = SsPte.R | SsPte.W;

    VtdTestbed bed = VtdTestbed.of("legacy");
    long root;

    void legacy() {
        bed.legacy();
        root = bed.page();
        for (int page = 0; page < 8; page++) {
            bed.mapSecond(root, 3, 0x1000L * page, OLD + 0x1000L * page);
        }
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 3, DID));
    }

    void scalable() {
        bed = VtdTestbed.of("scalable").scalable();
        bed.scalableContext(SID, VtdTestbed.function());
        root = bed.page();
    }

    static long iotlb(int granularity, int did) {
        return Inv.iotlb0(granularity, did, true, true);
    }

    void reads(int sid, int pasid, long iova, long expected) {
        DmaRequest request = bed.dma(bed.request(sid, pasid, iova, false));
        assertThat(request.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(request.physicalAddress()).isEqualTo(expected);
        assertThat(bed.sim.violations().violations()).isEmpty();
    }

    void reads(long iova, long expected) {
        reads(SID, -1, iova, expected);
    }

    void moveAll() {
        for (int page = 0; page < 8; page++) {
            reads(0x1000L * page, OLD + 0x1000L * page);
            bed.mapSecond(root, 3, 0x1000L * page, NEW + 0x1000L * page);
        }
    }

    /** Which of the eight pages lead to their new places: a bit each. */
    int moved() {
        int moved = 0;
        for (int page = 0; page < 8; page++) {
            DmaRequest request = bed.dmaRead(SID, 0x1000L * page);
            moved |= request.physicalAddress() >= NEW ? 1 << page : 0;
        }
        return moved;
    }
}
