package org.iommusim.hw.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.testkit.Gen;
import org.junit.jupiter.api.Test;

class WalkEngineTest extends WalkBench {
    WalkEngineTest() {
        super(new WalkCacheShape(List.of(16, 16, 16), List.of(16, 16, 16), 4, Replacement.ROUND_ROBIN, 4, 4, true));
    }

    @Test
    void shouldAnswerTheInputWithoutAnyStage() {
        assertThat(read(0x1234)).isZero();
        assertThat(walk.output()).isEqualTo(0x1234);
    }

    @Test
    void shouldWalkOneStage() {
        stage1();
        map(ROOT1, 0x4000_5000L, 0x9000, 0, 0);

        assertThat(read(0x4000_5678L)).isEqualTo(3 * 4 + 1 + 3 * LEVEL);
        assertThat(walk.fault()).isEqualTo(WalkFault.NONE);
        assertThat(walk.output()).isEqualTo(0x9678);
        assertThat(walk.pageShift()).isEqualTo(12);
        assertThat(request.ticks(Station.WALK_CACHE)).isEqualTo(12_000);
        assertThat(request.ticks(Station.STAGE1_READ)).isEqualTo(3 * 31_000);
        assertThat(request.ticks(Station.WALK_LOGIC)).isEqualTo(4_000);
    }

    @Test
    void shouldResumeFromTheDeepestCachedLevel() {
        stage1();
        map(ROOT1, 0x4000_5000L, 0x9000, 0, 0);
        map(ROOT1, 0x4000_6000L, 0xa000, 0, 0);
        map(ROOT1, 0x4020_6000L, 0xb000, 0, 0);
        read(0x4000_5000L);

        assertThat(read(0x4000_5000L)).as("the leaf is cached").isEqualTo(4);
        assertThat(read(0x4000_6000L)).as("its table is cached").isEqualTo(2 * 4 + 1 + LEVEL);
        assertThat(read(0x4020_6000L)).as("the table above is cached").isEqualTo(3 * 4 + 1 + 2 * LEVEL);
        assertThat(walk.output()).isEqualTo(0xb000);
    }

    @Test
    void shouldReadTwiceNPlusOneSquaredMinusOneEntriesWhenNested() {
        WalkBench cold = withoutCaches();
        cold.stage1();
        cold.stage2();
        for (long a = 0; a < 0x80_0000; a += 0x1000) {
            cold.map(ROOT2, a, a, 0, ToyFormat.WRITABLE);
        }
        cold.map(ROOT1, 0x5000, 0x9000, 0, 0);

        cold.read(0x5000);

        assertThat(cold.walk.output()).isEqualTo(0x9000);
        assertThat(cold.count("stage1_reads")).isEqualTo(3);
        assertThat(cold.count("stage2_reads")).isEqualTo(4 * 3);
    }

    @Test
    void shouldAnswerTheSmallerPageAndTheCommonPermissions() {
        stage1();
        stage2();
        identity();
        map(ROOT1, 0x4000_0000L, 0x60_0000, 1, 0);
        map(ROOT1, 0x5000, 0x9000, 0, ToyFormat.WRITABLE);

        read(0x4000_5678L);
        assertThat(walk.output()).isEqualTo(0x60_5678);
        assertThat(walk.pageShift()).isEqualTo(21);
        assertThat(walk.permissions()).isEqualTo(Access.both(Access.READ));

        run(0x5678, Access.WRITE);
        assertThat(walk.pageShift()).isEqualTo(12);
        assertThat(walk.permissions()).isEqualTo(Access.both(Access.READ | Access.WRITE));
    }

    @Test
    void shouldTellWhichStageFailedAndOnWhat() {
        stage1();
        stage2();
        identity();
        map(ROOT1, 0x5000, 0x4000_9000L, 0, 0);
        map(ROOT1, 0x4000_0000L, 0x9000, 0, 0);

        read(0x6000);
        assertThat(walk.fault()).isEqualTo(WalkFault.TRANSLATION);
        assertThat(walk.faultStage()).isEqualTo(1);
        assertThat(walk.faultLevel()).isZero();

        read(0x5678);
        assertThat(walk.faultStage()).isEqualTo(2);
        assertThat(walk.faultOnTable()).isFalse();
        assertThat(walk.faultIpa()).isEqualTo(0x4000_9678L);

        run(0x4000_0000L, Access.WRITE);
        assertThat(walk.fault()).isEqualTo(WalkFault.PERMISSION);
        assertThat(walk.faultStage()).isEqualTo(1);

        read(1L << 39);
        assertThat(walk.fault()).isEqualTo(WalkFault.INPUT_RANGE);

        walk.stage1().root = 0x1000_0000L;
        engine.cache().entries().invalidateAll();
        read(0x5000);
        assertThat(walk.faultStage()).isEqualTo(2);
        assertThat(walk.faultOnTable()).isTrue();
        assertThat(walk.faultIpa()).isEqualTo(0x1000_0000L);
    }

    @Test
    void shouldEndWithAnExternalAbortWhereThereIsNoMemory() {
        stage1();
        walk.stage1().root = LAST + 0x1000;

        read(0x4000_0000L);

        assertThat(walk.fault()).isEqualTo(WalkFault.EXTERNAL_ABORT);
        assertThat(walk.fetchAddress()).isEqualTo(LAST + 0x1008);
    }

    @Test
    void shouldSetTheAccessedFlagInMemory() {
        stage1();
        walk.stage1().flags = ToyFormat.SETS_ACCESSED;
        long entry = map(ROOT1, 0x5000, 0x9000, 0, 0);

        assertThat(read(0x5000)).isEqualTo(3 * 4 + 1 + 4 * LEVEL);
        assertThat(memory.read64(entry) & ToyFormat.ACCESSED).isNotZero();
        assertThat(count("updates")).isEqualTo(1);
    }

    /** Whoever may mark nothing ends where a mark is missing, and goes through where there is none to set. */
    @Test
    void shouldEndWhereAMarkIsMissingThatItMayNotSet() {
        stage1();
        walk.stage1().flags = ToyFormat.SETS_ACCESSED;
        long entry = map(ROOT1, 0x5000, 0x9000, 0, 0);
        walk.marksNothing(true);
        read(0x5000);
        assertThat(walk.fault()).isEqualTo(WalkFault.PERMISSION);
        assertThat(memory.read64(entry) & ToyFormat.ACCESSED).isZero();
        assertThat(count("updates")).isZero();
        walk.marksNothing(false);
        read(0x5000);
        walk.marksNothing(true);
        read(0x5000);
        assertThat(walk.fault()).isEqualTo(WalkFault.NONE);
        assertThat(count("updates")).isEqualTo(1);
    }

    @Test
    void shouldLookAgainIfTheEntryChangedBeforeItsUpdate() {
        stage1();
        walk.stage1().flags = ToyFormat.SETS_ACCESSED;
        long entry = map(ROOT1, 0x5000, 0x9000, 0, 0);
        engine.translate(walk, 0x5000, Access.READ);
        // The entry is read by now, and its update is on the way.
        sim.scheduler().runUntil((3 * 4 + 1 + 3 * LEVEL + 5) * 1000L);
        memory.write64(entry, 0);
        sim.scheduler().run();

        assertThat(walk.fault()).isEqualTo(WalkFault.TRANSLATION);
        assertThat(memory.read64(entry)).isZero();
    }

    @Test
    void shouldRefuseToUpdateATableThatStage2Protects() {
        stage1();
        walk.stage1().flags = ToyFormat.SETS_ACCESSED;
        stage2();
        for (long a = 0; a < LAST; a += 1 << 21) {
            map(ROOT2, a, a, 1, 0);
        }
        long entry = map(ROOT1, 0x5000, 0x9000, 0, 0);

        read(0x5000);

        assertThat(walk.fault()).isEqualTo(WalkFault.PERMISSION);
        assertThat(walk.faultStage()).isEqualTo(2);
        assertThat(walk.faultOnTable()).isTrue();
        assertThat(walk.faultIpa()).isEqualTo(entry);
    }

    @Test
    void shouldNotRefillOnceItIsForbidden() {
        stage1();
        map(ROOT1, 0x5000, 0x9000, 0, 0);
        engine.translate(walk, 0x5000, Access.READ);
        sim.scheduler().runUntil(20_000);
        engine.cache().entries().invalidateAll();
        walk.forbidRefill();
        sim.scheduler().run();

        assertThat(walk.output()).isEqualTo(0x9000);
        assertThat(engine.cache().entries().size()).isZero();
    }

    @Test
    void shouldTranslateAnAddressOfAStructure() {
        stage1();
        stage2();
        map(ROOT2, 0x5000, 0x9000, 0, 0);

        engine.translateStructure(walk, 0x5040);
        sim.scheduler().run();

        assertThat(walk.output()).isEqualTo(0x9040);
        assertThat(count("stage1_reads")).isZero();
    }

    @Test
    void shouldAgreeWithACacheLessWalkerInAnyHistory() {
        for (long seed = 0; seed < 20; seed++) {
            compare(new Gen(seed));
        }
    }

    /** The same random tables and accesses, once with caches and once without; nothing is changed in between. */
    private static void compare(Gen gen) {
        WalkBench cached = withCaches();
        WalkBench plain = withoutCaches();
        boolean nested = gen.oneIn(2);
        for (WalkBench t : List.of(cached, plain)) {
            t.stage1();
            if (nested) {
                t.stage2();
            }
        }
        for (int i = 0; i < 60; i++) {
            long input = gen.below(4) * (1L << 30) + gen.below(4) * (1L << 21) + gen.below(8) * 0x1000L;
            int level = gen.oneIn(5) ? 1 : 0;
            long output = gen.below(nested ? 16 : 12) * (4L << 20) + (level == 0 ? gen.below(512) * 0x1000L : 0);
            long bits = gen.oneIn(2) ? ToyFormat.WRITABLE : 0;
            for (WalkBench t : List.of(cached, plain)) {
                // A page under a block is not reachable: leave blocks alone.
                if (!t.under(input, level)) {
                    t.map(ROOT1, input, output, level, bits);
                }
            }
        }
        if (nested) {
            for (long a = 0; a < LAST; a += 1 << 21) {
                boolean pages = gen.oneIn(2);
                for (WalkBench t : List.of(cached, plain)) {
                    for (long p = a; p < a + (1 << 21); p += pages ? 0x1000 : 1 << 21) {
                        t.map(ROOT2, p, p, pages ? 0 : 1, ToyFormat.WRITABLE);
                    }
                }
            }
        }
        for (int i = 0; i < 300; i++) {
            long input =
                    gen.below(4) * (1L << 30) + gen.below(4) * (1L << 21) + gen.below(8) * 0x1000L + gen.below(4096);
            int access = gen.oneIn(3) ? Access.WRITE : Access.READ;
            cached.run(input, access);
            plain.run(input, access);
            assertThat(cached.walk.fault()).isEqualTo(plain.walk.fault());
            if (plain.walk.fault() == WalkFault.NONE) {
                assertThat(cached.walk.output()).isEqualTo(plain.walk.output());
                assertThat(cached.walk.pageShift()).isEqualTo(plain.walk.pageShift());
                assertThat(cached.walk.permissions()).isEqualTo(plain.walk.permissions());
            } else {
                assertThat(cached.walk.faultStage()).isEqualTo(plain.walk.faultStage());
                assertThat(cached.walk.faultIpa()).isEqualTo(plain.walk.faultIpa());
            }
        }
    }
}
