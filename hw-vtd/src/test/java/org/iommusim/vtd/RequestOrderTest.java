package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.Inv;
import org.junit.jupiter.api.Test;

/** Who waits for whom when there is more than one request. */
class RequestOrderTest {
    private static final int SID = 0x128;
    private static final long DATA = 0x2000_0000L;
    private static final long HIT = 0x1000;
    private static final long MISS = 0x2000;
    private static final long OTHER_MISS = 0x3000;
    private static final long UNMAPPED = 0x4000;

    /** Three pages are mapped, and one of them is in the IOTLB. */
    private static VtdTestbed bed(Map<String, Long> parameters) {
        VtdTestbed bed = VtdTestbed.of("legacy", parameters).legacy();
        long root = bed.page();
        for (long page = HIT; page <= OTHER_MISS; page += 0x1000) {
            bed.mapSecond(root, 4, page, DATA + page);
        }
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 4, 7));
        bed.dmaRead(SID, HIT);
        bed.done.clear();
        return bed;
    }

    private static DmaRequest read(VtdTestbed bed, long address) {
        return bed.issue(bed.request(SID, DmaRequest.NO_PASID, address, false));
    }

    private static DmaRequest write(VtdTestbed bed, long address) {
        return bed.issue(bed.request(SID, DmaRequest.NO_PASID, address, true));
    }

    @Test
    void shouldLetAHitOvertakeAMiss() {
        VtdTestbed bed = bed(Map.of());
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = read(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(hit, miss);
    }

    @Test
    void shouldKeepAHitBehindAMissIfInOrder() {
        VtdTestbed bed = bed(Map.of("in_order", 1L));
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = read(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(miss, hit);
        assertThat(hit.ticks(Station.ORDER_WAIT)).isPositive();
        assertThat(hit.totalTicks()).isEqualTo(hit.latency());
    }

    @Test
    void shouldKeepReadsAndWritesInOrdersOfTheirOwn() {
        VtdTestbed bed = bed(Map.of("in_order", 1L));
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = write(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(hit, miss);
    }

    @Test
    void shouldKeepOrderIdsApart() {
        VtdTestbed bed = bed(Map.of("in_order", 1L));
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = bed.request(SID, DmaRequest.NO_PASID, HIT, false);
        hit.order(1);
        bed.issue(hit);
        bed.run();
        assertThat(bed.done).containsExactly(hit, miss);
    }

    @Test
    void shouldGoOnBehindARequestThatFailed() {
        VtdTestbed bed = bed(Map.of("in_order", 1L));
        DmaRequest fault = read(bed, UNMAPPED);
        DmaRequest hit = read(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(fault, hit);
        assertThat(fault.outcome()).isEqualTo(DmaOutcome.FAULT);
        assertThat(hit.outcome()).isEqualTo(DmaOutcome.OK);
    }

    @Test
    void shouldLookNothingUpWhileAMissWaitsForAWalkSlot() {
        VtdTestbed free = bed(Map.of("walk_slots", 1L));
        DmaRequest first = read(free, MISS);
        DmaRequest second = read(free, OTHER_MISS);
        DmaRequest hit = read(free, HIT);
        free.run();
        assertThat(free.done).containsExactly(hit, first, second);
        assertThat(hit.ticks(Station.MAIN_TLB)).isLessThan(100_000);

        VtdTestbed blocked = bed(Map.of("walk_slots", 1L, "blocking_misses", 1L));
        first = read(blocked, MISS);
        second = read(blocked, OTHER_MISS);
        hit = read(blocked, HIT);
        blocked.run();
        // It had to wait for the first walk; then it was before that walk's fill at the port.
        assertThat(blocked.done).containsExactly(hit, first, second);
        assertThat(hit.ticks(Station.MAIN_TLB)).isGreaterThan(100_000);
    }

    @Test
    void shouldNotBlockBehindAMissThatHasAWalkSlot() {
        VtdTestbed bed = bed(Map.of("walk_slots", 1L, "blocking_misses", 1L));
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = read(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(hit, miss);
    }

    @Test
    void shouldTakeTheTimeOfAFillForAMissAlone() {
        VtdTestbed quick = bed(Map.of());
        VtdTestbed slow = bed(Map.of("iotlb_fill_cycles", 22L));
        assertThat(slow.dmaRead(SID, MISS).latency())
                .isEqualTo(quick.dmaRead(SID, MISS).latency() + 22_000);
        assertThat(slow.dmaRead(SID, MISS).latency())
                .isEqualTo(quick.dmaRead(SID, MISS).latency());
    }

    @Test
    void shouldNotKeepWhatWasInvalidatedDuringItsFill() {
        VtdTestbed bed = bed(Map.of("iotlb_fill_cycles", 100_000L));
        DmaRequest miss = read(bed, MISS);
        bed.invalidate(Inv.iotlb0(Inv.G_IOTLB_GLOBAL, 0, true, true));
        assertThat(miss.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(bed.dmaRead(SID, MISS).misses()).isEqualTo(1);
    }
}
