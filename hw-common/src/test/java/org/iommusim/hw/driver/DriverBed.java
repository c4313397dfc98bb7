package org.iommusim.hw.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
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
import org.jspecify.annotations.Nullable;

/**
 * A machine with one IOMMU, its driver, and tasks that run the driver's programs; footprints are checked throughout. A vendor
 * adds its own objects.
 */
public abstract class DriverBed<D extends IommuDriver> {
    public static final long RAM = 0x4000_0000L;
    public static final long RAM_BYTES = 0x400_0000L;
    /** Memory that nobody allocates: targets of DMA. */
    public static final long DATA = 0x1_0000_0000L;

    private static final long DATA_BYTES = 0x1000_0000L;
    private static final long PAGE = 0x1000;
    private static final Variable RESULT = Variable.named("frame");

    public final List<String> steps = new ArrayList<>();
    public final List<String> messages = new ArrayList<>();
    public final List<String> events = new ArrayList<>();
    public final FootprintCheck footprints = new FootprintCheck();
    public final Simulation sim;
    public final PhysicalMemory memory;
    public final PageAllocator pages;
    public final IommuHost host;
    public final IommuDevice device;
    public final D driver;
    public final RootPort port;
    private Runnable afterStep = () -> {};
    private int tasks;
    private long requests;

    /**
     * Makes the machine.
     *
     * @param variants known bugs that its software has
     */
    protected DriverBed(
            List<Variant> variants,
            Function<IommuHost, IommuDevice> deviceMaker,
            BiFunction<IommuDevice, IommuHost, D> driverMaker) {
        sim = Simulation.seeded(1)
                .trace(new Steps())
                .watcher(new Watcher())
                .patches(Variant.patches(variants))
                .build();
        sim.world().record(footprints);
        memory = new PhysicalMemory(sim.world(), sim.violations(), 1L << 40);
        memory.addRam(RAM, RAM_BYTES, PageOwner.FREE);
        memory.addRam(DATA, DATA_BYTES, PageOwner.UNTRACKED);
        pages = new PageAllocator(sim.world(), memory, new MemoryRange(RAM, RAM_BYTES));
        MemoryPort memoryPort = new MemoryPort(sim.scheduler(), "memory", MemoryTiming.fixed(50_000));
        host = new IommuHost(sim, memory, memoryPort, pages);
        device = deviceMaker.apply(host);
        driver = driverMaker.apply(device, host);
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

    /** Has something done after every step of every task. */
    public final void afterEachStep(Runnable what) {
        afterStep = what;
    }

    // ---- programs

    /** Starts a program; the answer arrives in the list. */
    public final List<Integer> start(Call<?> call) {
        List<Integer> answer = new ArrayList<>();
        new Task(sim.tasks(), "task" + tasks++).run(call, answer::add);
        return answer;
    }

    /** Runs a program until nothing happens any more; its answer. */
    public final int run(Call<?> call) {
        List<Integer> answer = start(call);
        sim.scheduler().run();
        assertThat(answer).as("the program ended").hasSize(1);
        return answer.get(0);
    }

    /** Runs a program that must succeed. */
    public final void ok(Call<?> call) {
        assertThat(Errno.name(run(call))).isEqualTo("OK");
    }

    public final <T> RefCell<T> result() {
        return new RefCell<>(sim.world(), RESULT, sim.world().nextInstance());
    }

    public final IntCell number() {
        return new IntCell(sim.world(), RESULT, sim.world().nextInstance(), 0);
    }

    // ---- the usual objects

    public final PciFunction function(int requesterId) {
        PciFunction function = new PciFunction(sim.world(), "f" + requesterId, requesterId, port);
        function.setPresent(true);
        function.setBusMaster(true);
        return function;
    }

    public final IommuMaster master(int requesterId) {
        RefCell<IommuMaster> result = result();
        ok(driver.probeDevice(function(requesterId), result));
        return result.require();
    }

    /** A paging domain of nobody's. */
    protected final IommuDomain pagingDomain(int flags) {
        RefCell<IommuDomain> result = result();
        IommuMaster nobody = null;
        ok(driver.domainAllocPagingFlags(nobody, flags, UserData.NONE, result));
        return result.require();
    }

    public final VirtualIommu viommu(PagingDomain parent, ViommuCore core) {
        RefCell<VirtualIommu> result = result();
        ok(driver.viommuInit(null, parent, driver.viommuType(), core, UserData.NONE, result));
        return result.require();
    }

    public final IommuDomain nested(VirtualIommu viommu, UserData data) {
        RefCell<IommuDomain> result = result();
        ok(viommu.allocDomainNested(0, data, result));
        return result.require();
    }

    /** A DMA of 8 bytes by a master, to its end; {@code pasid} may be {@link DmaRequest#NO_PASID}. */
    public final DmaRequest dma(IommuMaster master, int pasid, long iova, boolean write) {
        DmaRequest request = new DmaRequest();
        request.begin(requests++, master.function().requesterId(), pasid, iova, 8, write, sim.now());
        master.function().issue(request, r -> {});
        sim.scheduler().run();
        return request;
    }

    public final void assertClean() {
        assertThat(footprints.undeclared()).isEmpty();
        assertThat(sim.violations().violations()).isEmpty();
    }

    /** A vDEVICE table of a test; events are dropped. */
    public class Core implements ViommuCore {
        public final Map<Long, IommuMaster> devices = new TreeMap<>();
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
    public final class Guest implements GuestMemory {
        public final long base;
        private long next = 0x10000;

        /** Makes it so far behind host memory. */
        public Guest(long base) {
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
            return allocatePages(1, 1);
        }

        @Override
        public long allocatePages(int count, int alignPages) {
            long alignment = alignPages * PAGE;
            long first = (next + alignment - 1) / alignment * alignment;
            next = first + count * PAGE;
            return first;
        }

        @Override
        public void freePages(long guestPhysical, int count) {}
    }

    private final class Steps implements TraceSink {
        @Override
        public void step(String lane, long timePs, String program, String step) {
            steps.add(program + ": " + step);
        }
    }

    private final class Watcher implements StepWatcher {
        @Override
        public void begin(Task task, Program<?> program, String step, Footprint declared) {
            footprints.begin(task, program, step, declared);
        }

        @Override
        public void end() {
            footprints.end();
            afterStep.run();
        }
    }
}
