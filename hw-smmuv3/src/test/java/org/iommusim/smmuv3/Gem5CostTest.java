package org.iommusim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.junit.jupiter.api.Test;

/**
 * What one transaction costs with nothing else going on, preset gem5-default, in cycles from the end of the device port's
 * beat to the end of the memory port's beat. M is the memory's round trip.
 */
class Gem5CostTest {
    private static final long CD = Smmuv3Testbed.FREE;
    private static final long TABLES = Smmuv3Testbed.FREE + 0x10_0000;
    private static final long GUEST = 0x1000_0000;
    private static final int M = 30;
    /** A stage-2 walk without walk cache. */
    private static final int N = 1 + 4 * (M + 2);

    private Smmuv3Testbed bed = Smmuv3Testbed.of("gem5-default").enable();
    private Vmsav8Tables tables = new Vmsav8Tables(bed.memory, TABLES, 0);

    private void changed(String parameter, long value) {
        bed = Smmuv3Testbed.of("gem5-default", Map.of(parameter, value)).enable();
        tables = new Vmsav8Tables(bed.memory, TABLES, 0);
        stage1(2);
        cost(0);
    }

    private static long cycles(DmaRequest request) {
        assertThat(request.totalTicks()).isEqualTo(request.latency());
        long received = request.attemptedAt() + request.ticks(Station.FRONT_END);
        long spent = request.translatedAt() - received;
        assertThat(spent % 1000).isZero();
        return spent / 1000;
    }

    private long cost(long iova) {
        return cycles(bed.dmaRead(3, iova));
    }

    private void stage1(int pages) {
        bed.words(CD, Smmuv3Testbed.cd(tables.root(), 5));
        bed.ste(3, Smmuv3Testbed.stage1Ste(CD, 1));
        for (int i = 0; i < pages; i++) {
            tables.map(0x1000L * i, 0x2000_0000L + 0x1000L * i, Vmsav8Tables.S1_PAGE);
        }
    }

    @Test
    void shouldTakeOneCycleAtTheDevicePort() {
        stage1(1);
        assertThat(bed.dmaRead(3, 0).ticks(Station.FRONT_END)).isEqualTo(1000);
    }

    @Test
    void shouldCostWhatAColdStage1MissCosts() {
        stage1(2);
        // All walk cache levels miss; STE and CD are read.
        assertThat(cost(0)).isEqualTo(24 + 4 * M + 21 + 2 * (1 + M));
        // The walk cache knows the last table; the configuration is cached.
        assertThat(cost(0x1000)).isEqualTo(24 + M + 7);
    }

    @Test
    void shouldCostTwoCyclesForAMicroTlbHit() {
        stage1(1);
        cost(0);
        assertThat(cost(8)).isEqualTo(2);
    }

    @Test
    void shouldCostFiveCyclesForAMainTlbHit() {
        stage1(34);
        for (int i = 0; i < 34; i++) {
            cost(0x1000L * i);
        }
        // The micro TLB had room for 32; the first to go were its second and third.
        assertThat(cost(0x1000)).isEqualTo(5);
    }

    @Test
    void shouldCostAsDeepAsTheWalkCacheMisses() {
        stage1(1);
        long underLevel1 = 1L << 21;
        long underLevel0 = 1L << 30;
        tables.map(underLevel1, 0x2000_0000, Vmsav8Tables.S1_PAGE);
        tables.map(underLevel0, 0x2000_0000, Vmsav8Tables.S1_PAGE);
        cost(0);

        assertThat(cost(underLevel1)).isEqualTo(24 + 4 + 4 + 1 + 2 * (M + 2));
        assertThat(cost(underLevel0)).isEqualTo(24 + 12 + 1 + 3 * (M + 2));
    }

    @Test
    void shouldCostFourCyclesForAWalkThatIsCachedToItsLeaf() {
        stage1(70);
        long block = 1L << 32;
        tables.mapBlock(block, 0x2020_0000, Vmsav8Tables.S1_PAGE);
        assertThat(cost(block + 0x3000)).isEqualTo(24 + 12 + 1 + 3 * (M + 2) + 2 * (1 + M));
        for (int i = 0; i < 70; i++) {
            cost(0x1000L * i);
        }

        // Out of the micro TLB, and the main TLB finds a block only at its first page.
        assertThat(cost(block + 0x5000)).isEqualTo(24 + 4);
    }

    @Test
    void shouldCostNoLookupOfWhatIsSwitchedOff() {
        changed("utlb", 0);
        assertThat(cost(8)).as("main TLB hit").isEqualTo(3 + 1);
        changed("tlb", 0);
        assertThat(cost(8)).as("micro TLB hit").isEqualTo(2);
        assertThat(cost(0x1000)).as("miss").isEqualTo(24 - 3 + M + 7);
        changed("config_cache", 0);
        assertThat(cost(0x1000)).as("miss, STE and CD are read").isEqualTo(24 - 3 + 2 * (1 + M) + M + 7);
        changed("walk_s1_l2", 0);
        assertThat(cost(0x1000)).as("level 1 in the walk cache").isEqualTo(24 + 4 + 1 + 2 * (M + 2));
        changed("memory_port_bytes", 64);
        assertThat(cost(0x1000)).isEqualTo(24 + M + 7);
    }

    @Test
    void shouldCostWhatNestedWalksCost() {
        for (long ipa = 0; ipa < 0x4_0000; ipa += 0x1000) {
            tables.map(ipa, GUEST + ipa, Vmsav8Tables.S2_PAGE);
        }
        Vmsav8Tables stage1 = new Vmsav8Tables(bed.memory, 0x1_0000, GUEST);
        bed.words(GUEST, Smmuv3Testbed.cd(stage1.root(), 5));
        bed.ste(3, Smmuv3Testbed.nestedSte(0, tables.root(), 9));
        stage1.map(0x10_0000, 0x3_0000, Vmsav8Tables.S1_PAGE);
        stage1.map(0x10_1000, 0x3_1000, Vmsav8Tables.S1_PAGE);

        int config = 1 + M + N + 1 + M;
        int walk = 12 + N + 1 + 3 * (M + 2 + N) + (M + 2) + 12 + N;
        assertThat(cost(0x10_0000)).isEqualTo(24 + config + walk);
        assertThat(cost(0x10_1000)).isEqualTo(24 + 2 * M + 14);
    }

    @Test
    void shouldPassInOneCycleWhileDisabled() {
        Smmuv3Testbed off = Smmuv3Testbed.of("gem5-default");
        DmaRequest request = off.dmaRead(3, 0x1000);
        // One cycle at the device port, one for the decision, one at the port to memory.
        assertThat(request.latency()).isEqualTo(3000);
        assertThat(request.totalTicks()).isEqualTo(3000);
    }
}
