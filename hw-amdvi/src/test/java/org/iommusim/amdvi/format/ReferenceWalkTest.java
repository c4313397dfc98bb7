package org.iommusim.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.walk.ReferenceWalker;
import org.iommusim.hw.walk.ReferenceWalks;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.hw.x86.LongModeTables;
import org.iommusim.hw.x86.NaiveX86Walker;
import org.iommusim.hw.x86.RandomX86Tables;
import org.iommusim.hw.x86.X86Pte;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The walk engine with host tables alone and under guest tables, with and without walk caches, against the naive walkers. The
 * system property {@code iommusim.walks} says how many accesses each (the full number is 100000), {@code iommusim.seed} where
 * the random tables begin.
 */
class ReferenceWalkTest {
    private static final int WALKS = Integer.getInteger("iommusim.walks", 3000);
    private static final long SEED = Long.getLong("iommusim.seed", 1);
    private static final int ACCESSES = 25;
    private static final long HOST_TABLES = 0x1000_0000L;
    /** Where the guest's tables lie in its own space, and how far from there in memory. */
    private static final long GUEST_TABLES = 0x4000_0000L;

    private static final long DISTANCE = 0x2000_0000L;
    private static final int AREA_SHIFT = 23;

    private final ReferenceWalks walks = new ReferenceWalks();
    private final StageParameters guest = new StageParameters();
    private final StageParameters host = new StageParameters();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAgreeWithTheNaiveWalkers(boolean nested) {
        for (int table = 0; table < (WALKS + ACCESSES - 1) / ACCESSES; table++) {
            Gen gen = new Gen(SEED + table * 1000L + (nested ? 1 : 0));
            if (nested) {
                nestedTables(gen);
            } else {
                hostTables(gen);
            }
        }
        assertThat(walks.outcomes(WalkFault.NONE)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.PERMISSION)).isGreaterThan(WALKS / 50);
        assertThat(walks.outcomes(WalkFault.TRANSLATION)).isGreaterThan(WALKS / 20);
        assertThat(walks.outcomes(WalkFault.RESERVED_BIT)).isPositive();
        assertThat(walks.outcomes(WalkFault.INPUT_RANGE)).isPositive();
        assertThat(walks.faultsOnTables() > 0).isEqualTo(nested);
    }

    private void hostTables(Gen gen) {
        RandomV1.geometry(gen, host, 1);
        long[] inputs = new long[6];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = RandomV1.input(gen, host);
        }
        RandomV1 tables = new RandomV1(walks.memory, host, HOST_TABLES);
        mapAll(gen, tables, inputs);
        run(gen, new NaiveV1(walks.memory, host), inputs, false);
        walks.erase(HOST_TABLES, tables.end());
    }

    private static void mapAll(Gen gen, RandomV1 tables, long[] inputs) {
        for (long input : inputs) {
            tables.map(gen, input, gen.bits() >>> 64 - 38);
        }
    }

    private void nestedTables(Gen gen) {
        RandomV1.geometry(gen, host, 3);
        long[] outputs = new long[6];
        for (int i = 0; i < outputs.length; i++) {
            outputs[i] = gen.bits() >>> 64 - 38;
        }
        RandomV1 below = new RandomV1(walks.memory, host, HOST_TABLES);
        for (long at = GUEST_TABLES; at < GUEST_TABLES + (1L << AREA_SHIFT); at += 1L << 21) {
            long bits = 3L << 61 ^ (gen.oneIn(8) ? 1L << gen.pick(List.of(61, 62)) : 0);
            below.map2M(gen, at, at + DISTANCE, bits);
        }
        mapAll(gen, below, outputs);
        RandomX86Tables.geometry(gen, guest);
        guest.outputBits = 52;
        LongModeTables above = new LongModeTables(walks.memory, guest, X86Pte.table(0), GUEST_TABLES, DISTANCE);
        long[] inputs = new long[outputs.length];
        for (int i = 0; i < inputs.length; i++) {
            // Alike in the lower bits, so that large guest pages lead to what the host tables map.
            inputs[i] = RandomX86Tables.input(gen, guest) & -1L << 30 | outputs[i] & (1L << 30) - 1;
        }
        RandomX86Tables.map(gen, above, walks.memory, inputs, outputs);
        NaiveV1 naive = new NaiveV1(walks.memory, host);
        run(gen, new NaiveX86Walker(walks.memory, guest, naive, naive.words()), inputs, true);
        walks.erase(GUEST_TABLES + DISTANCE, above.end() + DISTANCE);
        walks.erase(HOST_TABLES, below.end());
    }

    private void run(Gen gen, ReferenceWalker naive, long[] inputs, boolean nested) {
        for (int i = 0; i < ACCESSES; i++) {
            long address = nested ? RandomX86Tables.address(gen, inputs) : RandomV1.address(gen, inputs);
            walks.compare(gen, naive, guest, host, address, nested);
        }
        walks.invalidate();
    }
}
