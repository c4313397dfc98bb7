package org.iommusim.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.walk.Access;
import org.iommusim.hw.walk.RequestPort;
import org.iommusim.hw.walk.StageParameters;
import org.iommusim.hw.walk.Walk;
import org.iommusim.hw.walk.WalkCacheShape;
import org.iommusim.hw.walk.WalkEngine;
import org.iommusim.hw.walk.WalkFault;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.testkit.Gen;
import org.iommusim.sim.time.ClockDomain;
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
    private static final WalkCacheShape CACHES = new WalkCacheShape(
            List.of(16, 16, 16, 16, 16), List.of(16, 16, 16, 16, 16), 4, Replacement.ROUND_ROBIN, 1, 2, true);

    private final Simulation sim = Simulation.seeded(1).build();
    private final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 32);
    private final Engine cached = new Engine("cached", CACHES);
    private final Engine plain = new Engine("plain", WalkCacheShape.NONE);
    private final int[] outcomes = new int[WalkFault.values().length];
    private int faultsOnTables;

    /** An engine with one place for a walk. */
    private final class Engine implements EventHandler {
        final WalkEngine engine;
        final Walk walk;
        boolean done;

        Engine(String name, WalkCacheShape shape) {
            MemoryPort port = new MemoryPort(sim.scheduler(), name + " memory", MemoryTiming.fixed(1000));
            RequestPort requests =
                    new RequestPort(sim.scheduler(), name + " port", ClockDomain.GHZ_1, 16, WakeRule.HAND_OVER, port);
            engine = new WalkEngine(
                    sim, name, ClockDomain.GHZ_1, requests, memory, shape, null, WakeRule.HAND_OVER, null);
            walk = engine.newWalk(sim.scheduler().newLane(name, Phase.HARDWARE), this, 0, 0);
            walk.tags(7, 8);
        }

        @Override
        public void onEvent(int op, long arg) {
            done = true;
        }

        void forget() {
            engine.cache().entries().invalidateAll();
        }

        Walk run(StageParameters p1, StageParameters p2, long address, int access) {
            walk.stage1().copyFrom(p1);
            walk.stage2().copyFrom(p2);
            done = false;
            engine.translate(walk, address, access);
            sim.scheduler().run();
            assertThat(done).isTrue();
            return walk;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "12, true, false", "12, false, true", "12, true, true",
        "14, true, false", "14, false, true", "14, true, true",
        "16, true, false", "16, false, true", "16, true, true"
    })
    void shouldAgreeWithTheNaiveWalker(int granule, boolean stage1, boolean stage2) {
        memory.addRam(0, 1L << 32, PageOwner.UNTRACKED);
        for (int table = 0; table < (WALKS + ACCESSES - 1) / ACCESSES; table++) {
            randomTables(new Gen(SEED + table * 1000L + granule), granule, stage1, stage2);
        }
        assertThat(outcomes[WalkFault.NONE.ordinal()]).isGreaterThan(WALKS / 20);
        assertThat(outcomes[WalkFault.TRANSLATION.ordinal()]).isGreaterThan(WALKS / 20);
        assertThat(outcomes[WalkFault.PERMISSION.ordinal()]).isPositive();
        assertThat(outcomes[WalkFault.ACCESS_FLAG.ordinal()]).isPositive();
        assertThat(faultsOnTables > 0).isEqualTo(stage1 && stage2);
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
            compare(gen, naive, p1, p2, RandomTables.address(gen, outer, inputs), nested);
        }
        cached.forget();
        erase(TABLES1 + distance, end1 + distance);
        erase(TABLES2, end2);
    }

    private void erase(long from, long to) {
        for (long page = from; page < to; page += PhysicalMemory.PAGE_BYTES) {
            memory.zeroPage(page);
        }
    }

    private void compare(
            Gen gen, NaiveWalker naive, StageParameters p1, StageParameters p2, long address, boolean nested) {
        boolean execute = gen.oneIn(3);
        boolean write = !execute && gen.oneIn(2);
        boolean privileged = gen.oneIn(3);
        int access = NaiveWalker.bits(write, execute, privileged);
        NaiveWalker.Outcome wanted = naive.access(address, write, execute, privileged);
        outcomes[wanted.fault().ordinal()]++;
        faultsOnTables += wanted.onTable() ? 1 : 0;
        // Whoever comes first makes the updates, and the other one finds them made.
        Engine first = gen.oneIn(2) ? plain : cached;
        for (Engine engine : List.of(first, first == plain ? cached : plain)) {
            agree(engine.run(p1, p2, address, access), wanted, access, address, nested);
            naive.words().forEach((at, word) -> assertThat(memory.read64(at)).isEqualTo(word));
        }
        naive.forget();
    }

    private static void agree(Walk walk, NaiveWalker.Outcome wanted, int access, long address, boolean nested) {
        // Texts are made only when they are needed: there are millions of comparisons.
        boolean same = walk.fault() == wanted.fault();
        if (same && wanted.fault() == WalkFault.NONE) {
            same = walk.output() == wanted.output()
                    && Access.allowed(walk.permissions(), access)
                    && (!walk.stage1().enabled() || walk.global() == wanted.global());
        } else if (same) {
            same = walk.faultLevel() == wanted.level();
            if (nested) {
                same &= walk.faultStage() == wanted.stage()
                        && walk.faultOnTable() == wanted.onTable()
                        && (wanted.stage() == 1 || walk.faultIpa() == wanted.ipa());
            }
        }
        assertThat(same)
                .as(
                        "%x access %d wanted %s got %s output %x level %d stage %d ipa %x",
                        address,
                        access,
                        wanted,
                        walk.fault(),
                        walk.output(),
                        walk.faultLevel(),
                        walk.faultStage(),
                        walk.faultIpa())
                .isTrue();
    }
}
