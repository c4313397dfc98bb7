package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.smmuv3.spec.Ste;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** STE.MEV: records that say the same may become one. */
class MergedEventsTest {
    private static final int SID = 3;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final int REQUESTS = 6;

    @ParameterizedTest
    @CsvSource({"1, 1, true", "1, 0, false", "0, 1, false"})
    void shouldMergeOnlyIfBothStreamAndParameterAllowIt(long merges, int mev, boolean fewer) {
        Smmuv3Testbed bed =
                Smmuv3Testbed.of("mmu-600", Map.of("merge_events", merges)).enable();
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, Smmuv3Testbed.FREE + 0x10_0000, 0);
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        long[] ste = Smmuv3Testbed.stage1Ste(CD, 1);
        Ste.MEV.put(ste, mev);
        bed.ste(SID, ste);
        bed.dmaRead(SID, 0x9_0000); // the configuration is cached now, and one record written

        for (int i = 0; i < REQUESTS; i++) {
            bed.issue(bed.request(SID, DmaRequest.NO_PASID, 0x5000 + 8L * i, false));
        }
        bed.sim.scheduler().run();

        assertThat(bed.done).hasSize(1 + REQUESTS);
        assertThat(bed.events() < 1 + REQUESTS).isEqualTo(fewer);
        assertThat(bed.events()).isGreaterThanOrEqualTo(2);
    }
}
