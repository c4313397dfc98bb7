package org.iommusim.benchmarks;

import java.util.concurrent.TimeUnit;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RequestIds;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.event.EventHandler;
import org.iommusim.sim.event.Lane;
import org.iommusim.sim.event.Phase;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The core's hot paths, one event an operation: lanes alone, lanes in front of a memory port with contention, and whole
 * DMAs through link and memory. What matters most is {@code gc.alloc.rate.norm} with {@code -prof gc}: it must be zero.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms1g", "-Xmx1g"})
public class CoreHotPaths {
    private static final int LANES = 64;
    private static final long RAM = 1L << 30;

    private Simulation lanesAlone = Simulation.seeded(1).checks(false).build();
    private Simulation memoryUnderLoad = Simulation.seeded(1).checks(false).build();
    private Simulation dmas = Simulation.seeded(1).checks(false).build();

    /** Starts the three models; each goes on for ever. */
    @Setup(Level.Trial)
    public void start() {
        lanesAlone = Simulation.seeded(1).checks(false).build();
        for (int i = 0; i < LANES; i++) {
            new Ping(lanesAlone, i);
        }
        memoryUnderLoad = Simulation.seeded(1).checks(false).build();
        MemoryTiming timing = new MemoryTiming(90_000, 20_000, 2_500, 16, 1 << 20, 16);
        MemoryPort port = new MemoryPort(memoryUnderLoad.scheduler(), "memory", timing);
        for (int i = 0; i < LANES; i++) {
            new Reader(memoryUnderLoad, port, i);
        }
        dmas = Simulation.seeded(1).checks(false).build();
        startDmas(dmas, timing);
    }

    private static void startDmas(Simulation sim, MemoryTiming timing) {
        PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 32);
        memory.addRam(RAM, 1 << 24, PageOwner.UNTRACKED);
        MemoryPort port = new MemoryPort(sim.scheduler(), "memory", timing);
        RootPort root = new RootPort(sim, "rp0", null, memory, port, new LinkTiming(100_000, 16_000, 24));
        PciFunction function = new PciFunction(sim.world(), "nic0", 0x100, root);
        function.setPresent(true);
        function.setBusMaster(true);
        TrafficSpec spec = new TrafficSpec(
                "rx", RAM, 1 << 24, 64, TrafficPattern.RANDOM, 64, 50, 0, 32, 0, false, 32, DmaRequest.NO_PASID);
        new TrafficGenerator(sim, function, spec, new RequestIds(sim.world()), request -> {}).start();
    }

    /** One event on one of 64 lanes. */
    @Benchmark
    public boolean laneEvent() {
        return lanesAlone.scheduler().step();
    }

    /** One event of 64 readers that share 16 outstanding accesses and one channel. */
    @Benchmark
    public boolean memoryEvent() {
        return memoryUnderLoad.scheduler().step();
    }

    /** One event of a closed loop of 32 DMAs without an IOMMU. */
    @Benchmark
    public boolean dmaEvent() {
        return dmas.scheduler().step();
    }

    /** Comes back after a while, again and again. */
    private static final class Ping implements EventHandler {
        private final Simulation sim;
        private final Lane lane;
        private long state;

        Ping(Simulation sim, int index) {
            this.sim = sim;
            lane = sim.scheduler().newLane("ping " + index, Phase.HARDWARE);
            state = index;
            onEvent(0, 0);
        }

        @Override
        public void onEvent(int op, long arg) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            sim.scheduler().after(lane, 500 + (state >>> 44), this, 0, 0);
        }
    }

    /** Reads somewhere, again and again. */
    private static final class Reader implements EventHandler {
        private final MemoryPort port;
        private long state;

        Reader(Simulation sim, MemoryPort port, int index) {
            this.port = port;
            state = index;
            sim.scheduler().after(sim.scheduler().newLane("reader " + index, Phase.HARDWARE), index, this, 0, 0);
        }

        @Override
        public void onEvent(int op, long arg) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            port.access(RAM + (state >>> 40) * 8, 8, this, 0, 0);
        }
    }
}
