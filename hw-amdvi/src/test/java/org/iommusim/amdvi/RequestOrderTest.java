package org.iommusim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.amdvi.spec.Dte;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.junit.jupiter.api.Test;

/** Whom a request may overtake. */
class RequestOrderTest {
    private static final int ID = 0x128;
    private static final long DATA = 0x2000_0000L;
    private static final long HIT = 0x5000;
    private static final long MISS = 0x6000;

    /** Two pages are mapped, and one of them is in the IOTLB. */
    private static AmdViTestbed bed(long inOrder) {
        AmdViTestbed bed =
                AmdViTestbed.of("host-tables", Map.of("in_order", inOrder)).enable();
        long root = bed.page();
        bed.mapHost(root, 3, HIT, DATA);
        bed.mapHost(root, 3, MISS, DATA + 0x1000);
        bed.entry(ID, Dte.host(root, 3, 7));
        bed.dmaRead(ID, HIT);
        bed.done.clear();
        return bed;
    }

    private static DmaRequest read(AmdViTestbed bed, long address) {
        return bed.issue(bed.request(ID, DmaRequest.NO_PASID, address, false));
    }

    @Test
    void shouldLetAHitOvertakeAMiss() {
        AmdViTestbed bed = bed(0);
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = read(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(hit, miss);
    }

    @Test
    void shouldKeepAHitBehindAMissIfInOrder() {
        AmdViTestbed bed = bed(1);
        DmaRequest miss = read(bed, MISS);
        DmaRequest hit = read(bed, HIT);
        bed.run();
        assertThat(bed.done).containsExactly(miss, hit);
        assertThat(hit.ticks(Station.ORDER_WAIT)).isPositive();
        assertThat(hit.totalTicks()).isEqualTo(hit.latency());
    }

    /** An interrupt message leaves by another way, and has its own order behind writes. */
    @Test
    void shouldHoldNoWriteUpBehindAMessage() {
        AmdViTestbed bed = bed(1);
        DmaRequest message = bed.issue(bed.message(ID, 0xfee0_0000L));
        DmaRequest write = bed.dmaWrite(ID, HIT);
        assertThat(message.outcome()).isEqualTo(DmaOutcome.INTERRUPT);
        assertThat(write.outcome()).isEqualTo(DmaOutcome.OK);
    }
}
