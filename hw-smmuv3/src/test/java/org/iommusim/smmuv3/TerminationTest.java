package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaOutcome;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.sim.testkit.Rule;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a fault is an error for the device: CD.A, if there is a choice. */
class TerminationTest {
    private static final int SID = 3;
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;

    private final Smmuv3Testbed bed =
            Smmuv3Testbed.of("mmu-600", Map.of("term_model", 0L)).enable();

    private static long[] gentle(long root, int record) {
        long[] cd = Smmuv3Testbed.cd(root, 5);
        Cd.A.put(cd, 0);
        Cd.R.put(cd, record);
        return cd;
    }

    @Test
    @Rule("SMMU-TERM-01")
    void shouldHaveNoChoiceWithTheTerminationModel() {
        Smmuv3Testbed strict = Smmuv3Testbed.of("mmu-600").enable();
        strict.words(CD, gentle(TABLES, 1));
        strict.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));

        assertThat(strict.dmaRead(SID, 0x5000).faultCode()).isEqualTo(Event.C_BAD_CD);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Rule("SMMU-TERM-02")
    void shouldEndAsIfCarriedOut(int record) {
        bed.words(CD, gentle(TABLES, record));
        bed.ste(SID, Smmuv3Testbed.stage1Ste(CD, 1));

        for (DmaRequest request : new DmaRequest[] {bed.dmaRead(SID, 0x5000), bed.dmaWrite(SID, 0x5000)}) {
            assertThat(request.outcome()).isEqualTo(DmaOutcome.RAZ_WI);
            assertThat(request.faultCode()).isEqualTo(Event.F_TRANSLATION);
            assertThat(request.totalTicks()).isEqualTo(request.latency());
        }
        assertThat(bed.events()).isEqualTo(2 * record);
    }

    @Test
    @Rule("SMMU-TERM-04")
    void shouldAbortWhatIsNotStage1s() {
        Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        tables.map(0, GUEST, Vmsav8Tables.S2_PAGE);
        bed.words(GUEST, gentle(0x1000, 1));
        bed.ste(SID, Smmuv3Testbed.nestedSte(0, tables.root(), 9));
        assertThat(bed.dmaRead(SID, 0x5000).outcome()).as("table not mapped").isEqualTo(DmaOutcome.FAULT);

        bed.words(CD, gentle(0x8_0000_0000L, 1));
        bed.ste(SID + 1, Smmuv3Testbed.stage1Ste(CD, 1));
        assertThat(bed.dmaRead(SID + 1, 0x5000).outcome()).as("no memory").isEqualTo(DmaOutcome.FAULT);
        assertThat(bed.dmaRead(SID + 2, 0x5000).outcome()).as("no STE").isEqualTo(DmaOutcome.FAULT);
    }
}
