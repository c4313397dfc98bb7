package org.iommusim.benchmarks;

import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.GuestIommu;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.Unsupported;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RequestIds;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.pcie.TrafficGenerator;
import org.iommusim.hw.pcie.TrafficPattern;
import org.iommusim.hw.pcie.TrafficSpec;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.hw.provider.IommuProvider;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.world.RefCell;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A closed loop of 32 DMAs through link, nested SMMUv3 translation and memory; one event an operation. The window decides
 * what is hot: 64 KiB stays in the micro TLB, 4 MiB in the main TLB, 256 MiB walks. With {@code -prof gc}, {@code
 * gc.alloc.rate.norm} must be zero. Host and guest tables are written by the drivers, as in a scenario.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 3,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Xms1g", "-Xmx1g"})
public class NestedDma {
    private static final long KERNEL = 1L << 30;
    private static final long KERNEL_BYTES = 64L << 20;
    private static final long GUEST = 2L << 30;
    private static final long GUEST_BYTES = 512L << 20;
    private static final long IOVA = 1L << 32;

    /** Bytes that the DMAs are spread over. */
    @Param({"65536", "4194304", "268435456"})
    public long window;

    private Simulation sim = Simulation.seeded(1).checks(false).build();
    private long answered;

    /** Builds the machine and lets the traffic warm its caches. */
    @Setup(Level.Trial)
    public void build() {
        sim = Simulation.seeded(1).checks(false).build();
        PhysicalMemory memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        memory.addRam(KERNEL, KERNEL_BYTES, PageOwner.FREE);
        memory.addRam(GUEST, GUEST_BYTES, PageOwner.UNTRACKED);
        MemoryPort port =
                new MemoryPort(sim.scheduler(), "memory", new MemoryTiming(90_000, 20_000, 1_000, 64, 1 << 20, 16));
        PageAllocator pages = new PageAllocator(sim.world(), memory, new MemoryRange(KERNEL, KERNEL_BYTES));
        IommuProvider.IommuUnit unit = IommuProvider.find("smmuv3")
                .orElseThrow()
                .create(new IommuConfig("smmu0", "mmu-600", new TreeMap<>()), new IommuHost(sim, memory, port, pages));
        RootPort root = new RootPort(sim, "rp0", unit.device(), memory, port, new LinkTiming(100_000, 16_000, 24));
        PciFunction function = new PciFunction(sim.world(), "nic0", 8, root);
        function.setPresent(true);
        attachNested(unit.driver(), function, memory);
        function.setBusMaster(true);
        TrafficSpec spec = new TrafficSpec(
                "rx", IOVA, window, 64, TrafficPattern.RANDOM, 64, 50, 0, 32, 0, false, 32, DmaRequest.NO_PASID);
        new TrafficGenerator(sim, function, spec, new RequestIds(sim.world()), request -> {
                    if (!request.outcome().completed()) {
                        throw new IllegalStateException("DMA ended with " + request.outcome());
                    }
                    answered++;
                })
                .start();
        while (answered < 100_000) {
            sim.scheduler().step();
        }
    }

    /** One event of the closed loop. */
    @Benchmark
    public boolean event() {
        return sim.scheduler().step();
    }

    /** One whole DMA, from attempt to answer; 32 are in flight. */
    @Benchmark
    public long dma() {
        long before = answered;
        while (answered == before) {
            sim.scheduler().step();
        }
        return answered;
    }

    private void attachNested(IommuDriver driver, PciFunction function, PhysicalMemory memory) {
        Results results = new Results();
        run(driver.probe());
        run(driver.probeDevice(function, results.master));
        IommuMaster master = results.master.require();
        run(driver.domainAllocPagingFlags(master, IommuDriver.ALLOC_NEST_PARENT, UserData.NONE, results.domain));
        PagingDomain parent = (PagingDomain) results.domain.require();
        run(parent.mapPages(0, GUEST, GUEST_BYTES, PagingDomain.PROT_READ | PagingDomain.PROT_WRITE));
        GuestIommu guest = Objects.requireNonNull(driver.newGuest(new Guest(memory), "guest"));
        run(guest.attach(function.requesterId()));
        run(guest.map(function.requesterId(), IOVA, 0, window, PagingDomain.PROT_READ | PagingDomain.PROT_WRITE));
        run(driver.viommuInit(
                master, parent, driver.viommuType(), new OneDevice(master), UserData.NONE, results.viommu));
        VirtualIommu viommu = results.viommu.require();
        run(viommu.vdeviceInit(master, function.requesterId()));
        run(viommu.allocDomainNested(0, guest.hwptData(function.requesterId()), results.domain));
        run(driver.attachDev(master, results.domain.require()));
    }

    private void run(Call<?> call) {
        int[] answer = {1};
        Task task = new Task(
                sim.tasks(),
                call.program().name() + " " + sim.scheduler().lanes().size());
        task.run(call, error -> answer[0] = error);
        sim.scheduler().run();
        if (answer[0] != 0) {
            throw new IllegalStateException(call.program() + " answered " + answer[0]);
        }
    }

    /** What the drivers give back. */
    private final class Results extends Frame {
        final RefCell<IommuMaster> master = ref();
        final RefCell<IommuDomain> domain = ref();
        final RefCell<VirtualIommu> viommu = ref();

        Results() {
            super(sim.world());
        }
    }

    /** A vIOMMU with one vDEVICE, whose virtual id is its physical one. */
    private final class OneDevice implements ViommuCore {
        private final Lock lock = new Lock(sim.world(), "vdevs xa_lock", Lock.Kind.SPIN);
        private final IommuMaster master;

        OneDevice(IommuMaster master) {
            this.master = master;
        }

        @Override
        public Lock vdevsLock() {
            return lock;
        }

        @Override
        public IommuMaster findDevice(long virtualId) {
            return master;
        }

        @Override
        public OptionalLong virtualIdOf(IommuMaster of) {
            return OptionalLong.of(master.function().requesterId());
        }

        @Override
        public Call<?> reportEvent(int type, byte[] payload) {
            return Unsupported.call(sim.world());
        }
    }

    /** Guest memory: guest physical 0 is at {@link #GUEST}; tables come from its last quarter. */
    private static final class Guest implements GuestMemory {
        private final PhysicalMemory memory;
        private long next = GUEST_BYTES * 3 / 4;

        Guest(PhysicalMemory memory) {
            this.memory = memory;
        }

        @Override
        public long read64(long guestPhysical) {
            return memory.read64(GUEST + guestPhysical);
        }

        @Override
        public void write64(long guestPhysical, long value) {
            memory.write64(GUEST + guestPhysical, value);
        }

        @Override
        public long allocatePage() {
            return allocatePages(1, 1);
        }

        @Override
        public long allocatePages(int count, int alignPages) {
            long alignment = (long) alignPages * PhysicalMemory.PAGE_BYTES;
            long at = (next + alignment - 1) / alignment * alignment;
            next = at + (long) count * PhysicalMemory.PAGE_BYTES;
            return at;
        }

        @Override
        public void freePages(long guestPhysical, int count) {}
    }
}
