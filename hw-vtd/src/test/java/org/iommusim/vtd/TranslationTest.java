package org.iommusim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.vtd.spec.ContextEntry;
import org.iommusim.vtd.spec.PasidEntry;
import org.junit.jupiter.api.Test;

class TranslationTest {
    private static final int SID = 0x28;
    private static final long DATA = 0x2000_0000L;

    @Test
    void shouldTranslateInLegacyMode() {
        VtdTestbed bed = VtdTestbed.of("legacy").legacy();
        long root = bed.page();
        bed.mapSecond(root, 4, 0x12_3456_7000L, DATA);
        bed.context(SID, ContextEntry.present(ContextEntry.TT_UNTRANSLATED, root, 4, 7));

        DmaRequest read = bed.dmaRead(SID, 0x12_3456_7018L);

        assertThat(read.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(read.physicalAddress()).isEqualTo(DATA + 0x18);
        assertThat(bed.faults()).isZero();
        assertThat(read.totalTicks()).isEqualTo(read.latency());
    }

    @Test
    void shouldTranslateBothStages() {
        VtdTestbed bed = VtdTestbed.of("scalable").scalable();
        long second = bed.page();
        long first = 0x5000;
        long firstAt = bed.page();
        bed.mapSecond(second, 4, first, firstAt);
        bed.scalableContext(SID, VtdTestbed.function());
        // Guest tables at guest addresses 0x5000 ... 0x8000.
        long[] tables = {firstAt, bed.page(), bed.page(), bed.page()};
        for (int i = 1; i < 4; i++) {
            bed.mapSecond(second, 4, first + 0x1000L * i, tables[i]);
            bed.memory.write64(tables[i - 1], first + 0x1000L * i | 7);
        }
        bed.memory.write64(tables[3] + 8, 0x9000 | 7);
        bed.mapSecond(second, 4, 0x9000, DATA);
        bed.pasid(3, PasidEntry.nested(PasidEntry.secondStage(second, 4, 9), first, 4, 10));

        DmaRequest write = bed.dma(bed.request(SID, 3, 0x1010, true));

        assertThat(write.outcome()).isEqualTo(DmaOutcome.OK);
        assertThat(write.physicalAddress()).isEqualTo(DATA + 0x10);
        assertThat(bed.memory.read64(tables[3] + 8)).isEqualTo(0x9000 | 7 | 0x60);
    }
}
