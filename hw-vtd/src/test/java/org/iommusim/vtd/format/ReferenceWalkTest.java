package org.iommusim.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.ReferenceWalks;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.NaiveX86Walker;
import org.iommusim.hw.x86.RandomX86Tables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.vtd.spec.SsPte;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The walk engine with second-stage tables alone and under x86-64 tables, with and without walk caches, against the naive
 * walkers. The system property {@code iommusim.walks} says how many accesses each (the full number is 100000), {@code
 * iommusim.seed} where the random tables begin.
 */
class ReferenceWalkTest {
    private static final int WALKS = Integer.getInteger("iommusim.walks", 3000);
    private static final long SEED = Long.getLong("iommusim.seed", 1);
    private static final int ACCESSES = 25;
    private static final long TABLES2 = 0x1000_0000L;
    /** Where the first stage's tables lie in its own space, and how far from there in memory. */
    private static final long TABLES1 = 0x4000_0000L;

    private static final long DISTANCE = 0x2000_0000L;
    private static final int AREA_SHIFT = 23;

    private final ReferenceWalks walks = new ReferenceWalks();
    private final StageParameters p1 = new StageParameters();
    private final StageParameters p2 = new StageParameters();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAgreeWithTheNaiveWalkers(boolean nested) {
        for (int table = 0; table < (WALKS + ACCESSES - 1) / ACCESSES; table++) {
            Gen gen = new Gen(SEED + table * 1000L + (nested ? 1 : 0));
            if (nested) {
                nestedTables(gen);
            } else {
                secondStageTables(gen);
            }
        }
        assertThat(walks.outcomes(WalkFault.NONE)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.PERMISSION)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.RESERVED_BIT)).isGreaterThan(WALKS / 50);
        assertThat(walks.outcomes(WalkFault.INPUT_RANGE)).isPositive();
        assertThat(walks.outcomes(WalkFault.TRANSLATION) > 0).isEqualTo(nested);
        assertThat(walks.faultsOnTables() > 0).isEqualTo(nested);
    }

    private void secondStageTables(Gen gen) {
        long[] inputs = outputs(gen);
        LongModeTables builder = secondStage(gen, inputs, false);
        run(gen, new NaiveSecondStage(walks.memory, p2), inputs, false);
        walks.erase(TABLES2, builder.end());
    }

    private void nestedTables(Gen gen) {
        long[] outputs = outputs(gen);
        LongModeTables second = secondStage(gen, outputs, true);
        RandomX86Tables.geometry(gen, p1);
        p1.outputBits = 52;
        LongModeTables first = new LongModeTables(walks.memory, p1, X86Pte.table(0), TABLES1, DISTANCE);
        long[] inputs = new long[outputs.length];
        for (int i = 0; i < inputs.length; i++) {
            // Alike in the lower bits, so that large pages of the first stage lead to what the second maps.
            inputs[i] = RandomX86Tables.input(gen, p1) & -1L << 30 | outputs[i] & (1L << 30) - 1;
        }
        RandomX86Tables.map(gen, first, walks.memory, inputs, outputs);
        NaiveSecondStage below = new NaiveSecondStage(walks.memory, p2);
        run(gen, new NaiveX86Walker(walks.memory, p1, below, below.words()), inputs, true);
        walks.erase(TABLES1 + DISTANCE, first.end() + DISTANCE);
        walks.erase(TABLES2, second.end());
    }

    private static long[] outputs(Gen gen) {
        long[] outputs = new long[6];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = gen.bits() >>> 64 - 38;
        }
        return outputs;
    }

    private LongModeTables secondStage(Gen gen, long[] inputs, boolean nested) {
        RandomSecondStage.geometry(gen, p2, nested);
        long tableBits = SsPte.R | SsPte.W | SsPte.X;
        LongModeTables builder = new LongModeTables(walks.memory, p2, tableBits, TABLES2, 0);
        if (nested) {
            RandomSecondStage.area(gen, builder, TABLES1, AREA_SHIFT, DISTANCE);
        }
        RandomSecondStage.map(gen, builder, walks.memory, p2, inputs);
        return builder;
    }

    private void run(Gen gen, ReferenceWalker naive, long[] inputs, boolean nested) {
        for (int i = 0; i < ACCESSES; i++) {
            long address = nested ? RandomX86Tables.address(gen, inputs) : RandomSecondStage.address(gen, inputs);
            walks.compare(gen, naive, p1, p2, address, nested);
        }
        walks.invalidate();
    }
}
