package org.iommusim.hw.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.cache.Replacement;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.dma.Station;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.resource.WakeRule;
import org.iommusim.sim.stats.Counter;
import org.iommusim.sim.time.ClockDomain;

/** A walk engine with memory of 30 ns, one walk slot, and toy tables. */
class WalkBench {
    static final int MEMORY_NS = 30;
    /** One level: the beat at the port, the memory, one cycle of logic. */
    static final int LEVEL = 1 + MEMORY_NS + 1;

    static final long ROOT1 = 0x10_0000;
    static final long ROOT2 = 0x20_0000;
    static final long LAST = 64L << 20;

    final Simulation sim = Simulation.seeded(1).build();
    final PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 30);
    final WalkEngine engine;
    final Walk walk;
    final DmaRequest request = new DmaRequest();
    long nextTable = 0x30_0000;
    boolean done;

    WalkBench(WalkCacheShape shape) {
        memory.addRam(0, LAST, PageOwner.UNTRACKED);
        ClockDomain clock = ClockDomain.GHZ_1;
        MemoryPort port = new MemoryPort(sim.scheduler(), "m", MemoryTiming.fixed(1000L * MEMORY_NS));
        RequestPort requests = new RequestPort(sim.scheduler(), "p", clock, 16, WakeRule.HAND_OVER, port);
        engine = new WalkEngine(sim, "walker", clock, requests, memory, shape, null, WakeRule.HAND_OVER, null);
        walk = engine.newWalk(sim.scheduler().newLane("walk", Phase.HARDWARE), (op, arg) -> done = true, 0, 0);
        walk.tags(7, 8);
    }

    static WalkBench withCaches() {
        return new WalkBench(
                new WalkCacheShape(List.of(16, 16, 16), List.of(16, 16, 16), 4, Replacement.ROUND_ROBIN, 4, 4, true));
    }

    static WalkBench withoutCaches() {
        return new WalkBench(WalkCacheShape.NONE);
    }

    void stage(StageParameters p, long root) {
        p.format = ToyFormat.INSTANCE;
        p.root = root;
        p.startLevel = 2;
        p.granuleShift = 12;
        p.inputBits = 39;
        p.outputBits = 39;
    }

    void stage1() {
        stage(walk.stage1(), ROOT1);
    }

    void stage2() {
        stage(walk.stage2(), ROOT2);
    }

    /** Maps in tables that lie at physical addresses; {@code level} above 0 makes a large page. Returns the entry's place. */
    long map(long root, long input, long output, int level, long bits) {
        long table = root;
        for (int l = 2; l > level; l--) {
            long at = table + (input >>> 12 + 9 * l & 511) * 8;
            if (memory.read64(at) == 0) {
                memory.write64(at, nextTable | ToyFormat.PRESENT);
                nextTable += 4096;
            }
            table = memory.read64(at) & -1L << 12;
        }
        long at = table + (input >>> 12 + 9 * level & 511) * 8;
        memory.write64(at, output | bits | ToyFormat.PRESENT | (level > 0 ? ToyFormat.LEAF : 0));
        return at;
    }

    /** Lets stage 2 map all memory to itself, by large pages of level 1. */
    void identity() {
        for (long a = 0; a < LAST; a += 1 << 21) {
            map(ROOT2, a, a, 1, ToyFormat.WRITABLE);
        }
    }

    /** Runs a walk; returns its duration in cycles. */
    long run(long input, int access) {
        done = false;
        long start = sim.now();
        request.begin(0, 0, DmaRequest.NO_PASID, input, 8, false, start);
        walk.request(request);
        engine.translate(walk, input, access);
        sim.scheduler().run();
        assertThat(done).isTrue();
        request.answered(sim.now());
        assertThat(request.totalTicks()).isEqualTo(sim.now() - start);
        assertThat(request.ticks(Station.DEVICE_QUEUE)).isZero();
        return (sim.now() - start) / 1000;
    }

    long read(long input) {
        return run(input, Access.READ);
    }

    long count(String name) {
        return ((Counter) sim.statistics().find("walker." + name).orElseThrow()).value();
    }

    /** True if a block or a table is where an entry of this level would go. */
    boolean under(long input, int level) {
        long table = ROOT1;
        for (int l = 2; l >= level; l--) {
            long entry = memory.read64(table + (input >>> 12 + 9 * l & 511) * 8);
            if (entry != 0 && (l == level || (entry & ToyFormat.LEAF) != 0)) {
                return l != 0;
            }
            table = entry & -1L << 12;
            if (entry == 0) {
                return false;
            }
        }
        return false;
    }
}
