package org.iommusim.hw.walk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.iommusim.hw.cache.Replacement;
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

/** The walk engine with real formats, with and without walk caches, against a naive walker, access by access. */
public final class ReferenceWalks {
    private static final WalkCacheShape CACHES = new WalkCacheShape(
            List.of(16, 16, 16, 16, 16), List.of(16, 16, 16, 16, 16), 4, Replacement.ROUND_ROBIN, 1, 2, true);

    /** 4 GiB of RAM from 0 on. */
    public final PhysicalMemory memory;

    private final Simulation sim = Simulation.seeded(1).build();
    private final Engine cached;
    private final Engine plain;
    private final int[] outcomes = new int[WalkFault.values().length];
    private int faultsOnTables;

    /** Starts with empty memory and caches. */
    public ReferenceWalks() {
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 32);
        memory.addRam(0, 1L << 32, PageOwner.UNTRACKED);
        cached = new Engine("cached", CACHES);
        plain = new Engine("plain", WalkCacheShape.NONE);
    }

    /** How many accesses came to this so far. */
    public int outcomes(WalkFault fault) {
        return outcomes[fault.ordinal()];
    }

    /** How many accesses failed so far because stage 2 refused a table of stage 1. */
    public int faultsOnTables() {
        return faultsOnTables;
    }

    /** Software changed tables, and invalidates. */
    public void invalidate() {
        cached.engine.cache().entries().invalidateAll();
    }

    /** Empties pages. */
    public void erase(long from, long to) {
        for (long page = from; page < to; page += PhysicalMemory.PAGE_BYTES) {
            memory.zeroPage(page);
        }
    }

    /** Makes a random access to an address and asserts that both engines do what the naive walker says. */
    public void compare(
            Gen gen, ReferenceWalker naive, StageParameters p1, StageParameters p2, long address, boolean nested) {
        boolean execute = gen.oneIn(3);
        boolean write = !execute && gen.oneIn(2);
        boolean privileged = gen.oneIn(3);
        Engine first = gen.oneIn(2) ? plain : cached;
        int access = ReferenceWalker.bits(write, execute, privileged);
        compare(first, naive, naive.access(address, write, execute, privileged), p1, p2, address, access, nested);
    }

    /** The same for one access without privilege, which the engine without caches makes first. */
    public ReferenceOutcome compare(
            ReferenceWalker naive, StageParameters p1, StageParameters p2, long address, boolean write) {
        ReferenceOutcome wanted = naive.access(address, write, false, false);
        boolean nested = p1.enabled() && p2.enabled();
        compare(plain, naive, wanted, p1, p2, address, ReferenceWalker.bits(write, false, false), nested);
        return wanted;
    }

    /** Whoever comes first makes the updates, and the other one finds them made. */
    private void compare(
            Engine first,
            ReferenceWalker naive,
            ReferenceOutcome wanted,
            StageParameters p1,
            StageParameters p2,
            long address,
            int access,
            boolean nested) {
        outcomes[wanted.fault().ordinal()]++;
        faultsOnTables += wanted.onTable() && wanted.fault() != WalkFault.NONE ? 1 : 0;
        for (Engine engine : List.of(first, first == plain ? cached : plain)) {
            agree(engine.run(p1, p2, address, access), wanted, access, address, nested);
            naive.words().forEach((at, word) -> assertThat(memory.read64(at)).isEqualTo(word));
        }
        naive.forget();
    }

    private static void agree(Walk walk, ReferenceOutcome wanted, int access, long address, boolean nested) {
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
}
