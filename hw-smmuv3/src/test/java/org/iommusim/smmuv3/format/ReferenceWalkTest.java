package org.iommusim.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.ReferenceWalks;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The walk engine with the real formats, with and without walk caches, against the naive walker: on random tables of each
 * granule, by stage 1, stage 2, and one over the other, with hardware that updates tables or without. The system property
 * {@code iommusim.walks} says how many accesses per granule and stage (the full number is 100000), {@code iommusim.seed}
 * where the random tables begin.
 */
class ReferenceWalkTest {
    private static final int WALKS = Integer.getInteger("iommusim.walks", 3000);
    private static final long SEED = Long.getLong("iommusim.seed", 1);
    private static final int ACCESSES = 25;
    private static final long TABLES2 = 0x1000_0000L;
    /** Where stage 1's tables lie in its own space, and how far from there in memory when stage 2 moves them. */
    private static final long TABLES1 = 0x4000_0000L;

    private static final long DISTANCE = 0x2000_0000L;
    private static final int AREA_SHIFT = 23;
    private final ReferenceWalks walks = new ReferenceWalks();
    private final PhysicalMemory memory = walks.memory;

    @ParameterizedTest
    @CsvSource({
        "12, true, false", "12, false, true", "12, true, true",
        "14, true, false", "14, false, true", "14, true, true",
        "16, true, false", "16, false, true", "16, true, true"
    })
    void shouldAgreeWithTheNaiveWalker(int granule, boolean stage1, boolean stage2) {
        for (int table = 0; table < (WALKS + ACCESSES - 1) / ACCESSES; table++) {
            randomTables(new Gen(SEED + table * 1000L + granule), granule, stage1, stage2);
        }
        assertThat(walks.outcomes(WalkFault.NONE)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.TRANSLATION)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.PERMISSION)).isPositive();
        assertThat(walks.outcomes(WalkFault.ACCESS_FLAG)).isPositive();
        assertThat(walks.faultsOnTables() > 0).isEqualTo(stage1 && stage2);
    }

    private void randomTables(Gen gen, int granule, boolean stage1, boolean stage2) {
        StageParameters p1 = new StageParameters();
        StageParameters p2 = new StageParameters();
        boolean nested = stage1 && stage2;
        long end1 = TABLES1;
        long end2 = TABLES2;
        long[] outputs = new long[8];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = gen.bits() >>> 64 - (gen.oneIn(8) ? 38 : 36);
        }
        long[] inputs = outputs;
        if (stage2) {
            RandomTables.stage2(gen, granule, p2, nested);
            TableBuilder builder = new TableBuilder(memory, p2, TABLES2);
            for (int i = 0; i < outputs.length; i++) {
                outputs[i] &= (1L << p2.inputBits) - 1;
            }
            RandomTables.map(gen, builder, memory, p2, outputs, null);
            if (nested) {
                RandomTables.area(gen, builder, p2, TABLES1, AREA_SHIFT, DISTANCE);
            }
            end2 = builder.end();
        }
        long distance = nested ? DISTANCE : 0;
        if (stage1) {
            RandomTables.stage1(gen, granule, p1, nested);
            TableBuilder builder = new TableBuilder(memory, p1, TABLES1, distance);
            inputs = new long[6];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = gen.bits() >>> 64 - p1.inputBits;
                if (nested) {
                    inputs[i] = RandomTables.alike(p1, inputs[i], outputs[i]);
                }
            }
            RandomTables.map(gen, builder, memory, p1, inputs, nested ? outputs : null);
            end1 = builder.end();
        }
        NaiveWalker second = stage2 ? new NaiveWalker(memory, p2, false) : null;
        NaiveWalker naive = stage1 ? new NaiveWalker(memory, p1, true).over(second) : second;
        StageParameters outer = stage1 ? p1 : p2;
        for (int i = 0; i < ACCESSES; i++) {
            walks.compare(gen, naive, p1, p2, RandomTables.address(gen, outer, inputs), nested);
        }
        walks.invalidate();
        walks.erase(TABLES1 + distance, end1 + distance);
        walks.erase(TABLES2, end2);
    }
}
