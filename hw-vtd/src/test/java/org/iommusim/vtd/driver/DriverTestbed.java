package org.iommusim.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.driver.DriverListener;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.GuestMemory;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.hw.driver.Unsupported;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.ViommuCore;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.AtsSettings;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.hw.provider.IommuConfig;
import org.iommusim.hw.provider.IommuHost;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.FootprintCheck;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.StepWatcher;
import org.iommusim.sim.program.Task;
import org.iommusim.sim.trace.TraceSink;
import org.iommusim.sim.variant.Variant;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.vtd.VtdProvider;
import org.iommusim.vtd.spec.Cap;
import org.jspecify.annotations.Nullable;

/** A machine with one VT-d unit, its driver, and tasks that run the driver's programs; footprints are checked throughout. */
final class DriverTestbed {
    static final long RAM = 0x4000_0000L;
    static final long RAM_BYTES = 0x400_0000L;
    /** Memory that nobody allocates: targets of DMA. */
    static final long DATA = 0x1_0000_0000L;

    static final long DATA_BYTES = 0x1000_0000L;

    private static final Variable RESULT = Variable.named("frame");

    final List<String> steps = new ArrayList<>();
    final List<String> messages = new ArrayList<>();
    final List<String> events = new ArrayList<>();
    final FootprintCheck footprints = new FootprintCheck();
    final Simulation sim;
    final PhysicalMemory memory;
    final PageAllocator pages;
    final IommuHost host;
    final IommuDevice device;
    final VtdDriver driver;
    final RootPort port;
    private Runnable afterStep = () -> {};
    private int tasks;
    private long requests;

    private DriverTestbed(List<Variant> variants, Function<IommuHost, IommuDevice> maker) {
        TraceSink trace = new TraceSink() {
            @Override
            public void step(String lane, long timePs, String program, String step) {
                steps.add(program + ": " + step);
            }
        };
        StepWatcher watcher = new StepWatcher() {
            @Override
            public void begin(Task task, Program<?> program, String step, Footprint declared) {
                footprints.begin(task, program, step, declared);
            }

            @Override
            public void end() {
                footprints.end();
                afterStep.run();
            }
        };
        sim = Simulation.seeded(1)
                .trace(trace)
                .watcher(watcher)
                .patches(Variant.patches(variants))
                .build();
        sim.world().record(footprints);
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        memory.addRam(RAM, RAM_BYTES, PageOwner.FREE);
        memory.addRam(DATA, DATA_BYTES, PageOwner.UNTRACKED);
        pages = new PageAllocator(sim.world(), memory, new MemoryRange(RAM, RAM_BYTES));
        MemoryPort memoryPort = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(50_000));
        host = new IommuHost(sim, memory, memoryPort, pages);
        device = maker.apply(host);
        driver = new VtdDriver(device, host);
        port = new RootPort(sim, "rp0", device, memory, memoryPort, LinkTiming.NONE);
        driver.listen(new DriverListener() {
            @Override
            public void event(String unit, long[] record, String text) {
                events.add(text);
            }

            @Override
            public void message(String unit, String text) {
                messages.add(text);
            }
        });
    }

    /** With a device that only records invalidations. */
    static DriverTestbed fake(Cap cap, Variant... variants) {
        return new DriverTestbed(List.of(variants), host -> new FakeVtd(host, cap));
    }

    /** With the real device. */
    static DriverTestbed real(String preset) {
        return new DriverTestbed(
                List.of(),
                host -> new VtdProvider().createDevice(new IommuConfig("dmar0", preset, new TreeMap<>()), host));
    }

    /** Has something done after every step of every task. */
    void afterEachStep(Runnable what) {
        afterStep = what;
    }

    /** The driver's inside. */
    IntelIommu iommu() {
        return driver.iommu();
    }

    FakeVtd fake() {
        return (FakeVtd) device;
    }

    // ---- programs

    /** Starts a program; the answer arrives in the list. */
    List<Integer> start(Call<?> call) {
        List<Integer> answer = new ArrayList<>();
        new Task(sim.tasks(), "task" + tasks++).run(call, answer::add);
        return answer;
    }

    /** Runs a program until nothing happens any more; its answer. */
    int run(Call<?> call) {
        List<Integer> answer = start(call);
        sim.scheduler().run();
        assertThat(answer).as("the program ended").hasSize(1);
        return answer.get(0);
    }

    /** Runs a program that must succeed. */
    void ok(Call<?> call) {
        assertThat(Errno.name(run(call))).isEqualTo("OK");
    }

    <T> RefCell<T> result() {
        return new RefCell<>(sim.world(), RESULT, sim.world().nextInstance());
    }

    IntCell number() {
        return new IntCell(sim.world(), RESULT, sim.world().nextInstance(), 0);
    }

    // ---- the usual objects

    PciFunction function(int requesterId) {
        PciFunction function = new PciFunction(sim.world(), "f" + requesterId, requesterId, port);
        function.setPresent(true);
        function.setBusMaster(true);
        return function;
    }

    IommuMaster master(int requesterId) {
        RefCell<IommuMaster> result = result();
        ok(driver.probeDevice(function(requesterId), result));
        return result.require();
    }

    /** A device with a translation cache and a page request interface. */
    DeviceInfo withAts(int requesterId) {
        PciFunction function = function(requesterId);
        function.addAtc(sim, AtsSettings.DEFAULT);
        RefCell<IommuMaster> result = result();
        ok(driver.probeDevice(function, result));
        return (DeviceInfo) result.require();
    }

    /** A first stage of user space over a parent. */
    DmarNested nested(IommuMaster master, DmarPaging parent, VtdS1 config) {
        RefCell<IommuDomain> result = result();
        ok(driver.domainAllocNested(master, parent, 0, config.toUserData(), result));
        return (DmarNested) result.require();
    }

    DmarPaging paging(int flags) {
        RefCell<IommuDomain> result = result();
        IommuMaster nobody = null;
        ok(driver.domainAllocPagingFlags(nobody, flags, UserData.NONE, result));
        return (DmarPaging) result.require();
    }

    DmarPaging parent() {
        return paging(IommuDriver.ALLOC_NEST_PARENT);
    }

    VirtualIommu viommu(PagingDomain parent, ViommuCore core) {
        RefCell<VirtualIommu> result = result();
        ok(driver.viommuInit(null, parent, VtdViommu.TYPE, core, UserData.NONE, result));
        return result.require();
    }

    IommuDomain nested(VirtualIommu viommu, UserData data) {
        RefCell<IommuDomain> result = result();
        ok(viommu.allocDomainNested(0, data, result));
        return result.require();
    }

    /** A DMA of 8 bytes by a master, to its end; {@code pasid} may be {@link DmaRequest#NO_PASID}. */
    DmaRequest dma(IommuMaster master, int pasid, long iova, boolean write) {
        DmaRequest request = new DmaRequest();
        request.begin(requests++, master.function().requesterId(), pasid, iova, 8, write, sim.now());
        master.function().issue(request, r -> {});
        sim.scheduler().run();
        return request;
    }

    void assertClean() {
        assertThat(footprints.undeclared()).isEmpty();
        assertThat(sim.violations().violations()).isEmpty();
    }

    /** A vDEVICE table of a test. */
    final class Core implements ViommuCore {
        final Map<Long, IommuMaster> devices = new TreeMap<>();
        private final Lock lock = new Lock(sim.world(), "vdevs", Lock.Kind.SPIN);

        @Override
        public Lock vdevsLock() {
            return lock;
        }

        @Override
        public @Nullable IommuMaster findDevice(long virtualId) {
            assertThat(lock.held()).isTrue();
            return devices.get(virtualId);
        }

        @Override
        public OptionalLong virtualIdOf(IommuMaster master) {
            return devices.entrySet().stream()
                    .filter(e -> e.getValue() == master)
                    .mapToLong(Map.Entry::getKey)
                    .findFirst();
        }

        @Override
        public Call<?> reportEvent(int type, byte[] payload) {
            return Unsupported.call(sim.world());
        }
    }

    /** Guest memory at a fixed distance in host memory: guest pages from 0x10000 on. */
    final class Guest implements GuestMemory {
        final long base;
        private long next = 0x10000;

        Guest(long base) {
            this.base = base;
        }

        @Override
        public long read64(long guestPhysical) {
            return memory.read64(base + guestPhysical);
        }

        @Override
        public void write64(long guestPhysical, long value) {
            memory.write64(base + guestPhysical, value);
        }

        @Override
        public long allocatePage() {
            next += 0x1000;
            return next - 0x1000;
        }

        @Override
        public long allocatePages(int count, int alignPages) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void freePages(long guestPhysical, int count) {}
    }
}
