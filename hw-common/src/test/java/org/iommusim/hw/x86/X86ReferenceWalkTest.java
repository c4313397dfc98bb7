package org.iommusim.hw.x86;

import static org.assertj.core.api.Assertions.assertThat;

import org.iommusim.hw.walk.ReferenceWalks;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

/**
 * The walk engine with x86-64 tables, with and without walk caches, against the naive walker. The system property {@code
 * iommusim.walks} says how many accesses (the full number is 100000), {@code iommusim.seed} where the random tables begin.
 */
class X86ReferenceWalkTest {
    private static final int WALKS = Integer.getInteger("iommusim.walks", 3000);
    private static final long SEED = Long.getLong("iommusim.seed", 1);
    private static final int ACCESSES = 25;
    private static final long TABLES = 0x1000_0000L;

    private final ReferenceWalks walks = new ReferenceWalks();

    @Test
    void shouldAgreeWithTheNaiveWalker() {
        for (int table = 0; table < (WALKS + ACCESSES - 1) / ACCESSES; table++) {
            randomTables(new Gen(SEED + table * 1000L));
        }
        assertThat(walks.outcomes(WalkFault.NONE)).isGreaterThan(WALKS / 10);
        assertThat(walks.outcomes(WalkFault.TRANSLATION)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.PERMISSION)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.RESERVED_BIT)).isGreaterThan(WALKS / 50);
        assertThat(walks.outcomes(WalkFault.INPUT_RANGE)).isPositive();
    }

    private void randomTables(Gen gen) {
        StageParameters p = new StageParameters();
        RandomX86Tables.geometry(gen, p);
        LongModeTables builder = new LongModeTables(walks.memory, p, X86Pte.table(0), TABLES, 0);
        long[] inputs = new long[6];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = RandomX86Tables.input(gen, p);
        }
        RandomX86Tables.map(gen, builder, walks.memory, inputs, null);
        NaiveX86Walker naive = new NaiveX86Walker(walks.memory, p);
        for (int i = 0; i < ACCESSES; i++) {
            walks.compare(gen, naive, p, new StageParameters(), RandomX86Tables.address(gen, inputs), false);
        }
        walks.invalidate();
        walks.erase(TABLES, builder.end());
    }

    @Test
    void shouldFaultWhereTheAccessIsRefusedWhateverIsCached() {
        StageParameters p = new StageParameters();
        RandomX86Tables.geometry(new Gen(1), p);
        LongModeTables builder = new LongModeTables(walks.memory, p, X86Pte.table(0), TABLES, 0);
        builder.map(0x1000, 1, 0x5000, X86Pte.page(0, true));
        long above = builder.entry(0, 3, 0);
        walks.memory.write64(above, walks.memory.read64(above) & ~X86Pte.RW);
        NaiveX86Walker naive = new NaiveX86Walker(walks.memory, p);
        StageParameters none = new StageParameters();
        assertThat(walks.compare(naive, p, none, 0x1000, false).fault()).isEqualTo(WalkFault.NONE);
        // The pointer to the last table is cached now; the page beside it is not even present.
        assertThat(walks.compare(naive, p, none, 0x2000, true).fault()).isEqualTo(WalkFault.PERMISSION);
        assertThat(walks.compare(naive, p, none, 0x2000, false).fault()).isEqualTo(WalkFault.TRANSLATION);
    }
}
