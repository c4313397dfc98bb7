package org.iommusim.iommufd.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.pcie.LinkTiming;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.hw.pcie.RootPort;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.eventq.Veventq;
import org.iommusim.iommufd.ioctl.DestroyObject;
import org.iommusim.iommufd.ioctl.FaultQueueAlloc;
import org.iommusim.iommufd.ioctl.GetHwInfo;
import org.iommusim.iommufd.ioctl.HwptAlloc;
import org.iommusim.iommufd.ioctl.HwptInvalidate;
import org.iommusim.iommufd.ioctl.IoasAlloc;
import org.iommusim.iommufd.ioctl.IoasMap;
import org.iommusim.iommufd.ioctl.IoasUnmap;
import org.iommusim.iommufd.ioctl.Ioctl;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.ioctl.VdeviceAlloc;
import org.iommusim.iommufd.ioctl.VeventqAlloc;
import org.iommusim.iommufd.ioctl.ViommuAlloc;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.KernelListener;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.policy.LifecyclePolicy;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.vfio.Hotplug;
import org.iommusim.iommufd.vfio.PciHost;
import org.iommusim.iommufd.vfio.PciSlot;
import org.iommusim.iommufd.vfio.Vfio;
import org.iommusim.iommufd.vfio.VfioDevice;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.event.LaneChoice;
import org.iommusim.sim.event.TimedChoice;
import org.iommusim.sim.memory.MemoryPort;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.MemoryTiming;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.FootprintCheck;
import org.iommusim.sim.program.Task;

/**
 * Two fake IOMMUs, a process, and every call as a Java method that runs on one task until it ends. Races use tasks of their
 * own ({@link #start}).
 */
public final class Rig {
    private static final long RAM = 64L << 20;

    /** Declared footprints are compared with what steps touch. */
    public final FootprintCheck footprints = new FootprintCheck();

    public final Simulation simulation;
    public final PhysicalMemory memory;
    public final PageAllocator pages;
    public final Kernel kernel;
    public final FakeDriver driver;
    public final FakeDriver otherDriver;
    public final PciHost host;
    public final Process process;
    public final IommufdCtx ctx;
    /** What the kernel told of its objects. */
    public final List<String> objectEvents = new ArrayList<>();

    private final Map<String, Integer> injected = new LinkedHashMap<>();
    private final Task main;
    private int tasks;
    private int files = 1;

    /** A rig in simulated time. */
    public Rig() {
        this(new TimedChoice(), Kernels.LINUX_7_3);
    }

    /** A rig whose lanes {@code choice} interleaves. */
    public Rig(LaneChoice choice, LifecyclePolicy policy) {
        simulation = Simulation.seeded(1).choice(choice).watcher(footprints).build();
        simulation.world().record(footprints);
        memory = new PhysicalMemory(simulation.world(), simulation.violations(), 1L << 32);
        memory.addRam(0, RAM, PageOwner.FREE);
        pages = new PageAllocator(simulation.world(), memory, new MemoryRange(0, RAM));
        KernelListener listener = new KernelListener() {
            @Override
            public void objectChanged(String context, ObjectType type, int id, String change, String detail) {
                objectEvents.add(type + " " + id + " " + change);
            }
        };
        kernel = new Kernel(
                simulation,
                memory,
                pages,
                policy,
                listener,
                (program, step) -> injected.getOrDefault(program + ": " + step, 0));
        driver = new FakeDriver(simulation, "iommu0");
        otherDriver = new FakeDriver(simulation, "iommu1");
        host = new PciHost(kernel);
        process = new Process(kernel, "vmm");
        ctx = new IommufdCtx(kernel, "vmm.iommufd");
        main = new Task(simulation.tasks(), "main");
    }

    /** Makes a step of the kernel answer {@code errno}; 0 ends that. */
    public void inject(String program, String step, int errno) {
        injected.put(program + ": " + step, errno);
    }

    /** Runs a call to its end; its answer. The call must end: a test that stays asleep fails here. */
    public int run(Call<?> call) {
        int[] answer = {1};
        main.run(call, errno -> answer[0] = errno);
        simulation.scheduler().run();
        if (answer[0] == 1) {
            throw new AssertionError("asleep at " + main.position() + ", waits for " + main.waitingFor());
        }
        return answer[0];
    }

    /** Starts a call on a task of its own; {@code done} gets its answer. */
    public Task start(Call<?> call, Consumer<Integer> done) {
        Task task = new Task(simulation.tasks(), "task " + tasks++);
        task.run(call, done::accept);
        return task;
    }

    /** Everything pending happens. */
    public void settle() {
        simulation.scheduler().run();
    }

    // ---- host
    // -----------------------------------------------------------------------------------------------------------

    /** A device behind an IOMMU, plugged in. */
    public VfioDevice plug(String name, int requesterId, FakeDriver behind) {
        PciSlot slot = slot(name, requesterId, behind);
        check(run(Hotplug.plug(slot)));
        return device(slot);
    }

    /** A device behind the first IOMMU, plugged in. */
    public VfioDevice plug(String name, int requesterId) {
        return plug(name, requesterId, driver);
    }

    /** An empty slot for a device. */
    public PciSlot slot(String name, int requesterId, FakeDriver behind) {
        MemoryPort port = new MemoryPort(simulation.scheduler(), name + " memory", MemoryTiming.fixed(1000));
        RootPort root = new RootPort(simulation, name + " port", behind.device(), memory, port, LinkTiming.NONE);
        return host.addSlot(new PciFunction(simulation.world(), name, requesterId, root), behind);
    }

    /** The device in a slot. */
    public static VfioDevice device(PciSlot slot) {
        return slot.device().require();
    }

    // ---- VFIO
    // -----------------------------------------------------------------------------------------------------------

    /** Opens a device. */
    public VfioFile open(VfioDevice device) {
        Call<Vfio> open = Vfio.open(device);
        check(run(open));
        return open.frame().opened();
    }

    /** Binds a device file; the DEVICE's id. */
    public int bind(VfioFile file) {
        check(run(Vfio.bind(file, ctx)));
        files++;
        return id(file);
    }

    /** Id of a bound device. */
    public static int id(VfioFile file) {
        var idev = file.idev();
        if (idev == null) {
            throw new AssertionError("not bound");
        }
        return idev.id();
    }

    /** Attaches; its answer. */
    public int attach(VfioFile file, int pt) {
        return run(Vfio.attach(file, pt));
    }

    /** An attach, to be run. */
    public Call<?> attaching(VfioFile file, int pt) {
        return Vfio.attach(file, pt);
    }

    /** Closes a bound device file. */
    public void close(VfioFile file) {
        check(run(Vfio.close(file)));
        files--;
    }

    /** A race closed a bound device file: the audit knows. */
    public void closed() {
        files--;
    }

    /** Closes the context's descriptor. */
    public void closeContext() {
        check(run(IommufdFile.close(ctx)));
        files--;
    }

    // ---- ioctls
    // ---------------------------------------------------------------------------------------------------------

    /** A handler with the dispatch around it. */
    public Call<?> ioctl(Call<?> handler) {
        return Ioctl.call(ctx, handler);
    }

    /** Makes an IOAS; its id, or the errno. */
    public int ioasAlloc() {
        var call = IoasAlloc.call(ctx);
        int errno = run(ioctl(call));
        return errno != 0 ? errno : call.frame().outIoasId();
    }

    /** Maps memory read and write at a fixed place; its answer. */
    public int map(int ioas, long va, long bytes, long iova) {
        return run(ioctl(IoasMap.fixed(ctx, ioas, process, va, bytes, 3, iova)));
    }

    /** Maps memory read and write where the kernel chooses; the address, or the errno. */
    public long mapAnywhere(int ioas, long va, long bytes) {
        var call = IoasMap.automatic(ctx, ioas, process, va, bytes, 3);
        int errno = run(ioctl(call));
        return errno != 0 ? errno : call.frame().iova();
    }

    /** Unmaps; its answer. */
    public int unmap(int ioas, long iova, long bytes) {
        return run(ioctl(IoasUnmap.call(ctx, ioas, iova, bytes)));
    }

    /** Makes a HWPT; its id, or the errno. */
    public int hwptAlloc(int dev, int pt, boolean parent) {
        return hwpt(HwptAlloc.call(ctx, parent ? HwptPagingAlloc.NEST_PARENT : 0, dev, pt, UserData.NONE, 0));
    }

    /** Makes a HWPT with flags {@code IOMMU_HWPT_ALLOC_*} and, if they say so, a fault queue; its id, or the errno. */
    public int hwptAlloc(int dev, int pt, int flags, int fault) {
        return hwpt(HwptAlloc.call(ctx, flags, dev, pt, UserData.NONE, fault));
    }

    /** Makes a nested HWPT; its id, or the errno. */
    public int nestedAlloc(int dev, int pt) {
        return hwpt(HwptAlloc.call(ctx, 0, dev, pt, UserData.ofWords(FakeDriver.NESTED_DATA, 1, 2), 0));
    }

    private int hwpt(Call<HwptAlloc> call) {
        int errno = run(ioctl(call));
        return errno != 0 ? errno : call.frame().outHwptId();
    }

    /** Makes a vIOMMU; its id, or the errno. */
    public int viommuAlloc(int dev, int hwpt) {
        var call = ViommuAlloc.call(ctx, FakeDriver.VIOMMU_TYPE, dev, hwpt);
        int errno = run(ioctl(call));
        return errno != 0 ? errno : call.frame().outViommuId();
    }

    /** Makes a queue of page faults; what it is. */
    public Fault faultQueueAlloc() {
        var call = FaultQueueAlloc.call(ctx);
        check(run(ioctl(call)));
        return call.frame().fault();
    }

    /** Makes a queue of a vIOMMU's events; its answer, and the queue if it was made. */
    public int veventqAlloc(int viommu, int type, int depth, Consumer<Veventq> made) {
        var call = VeventqAlloc.call(ctx, viommu, type, depth);
        int errno = run(ioctl(call));
        if (errno == 0) {
            made.accept(call.frame().veventq());
        }
        return errno;
    }

    /** Makes a vDEVICE; its id, or the errno. */
    public int vdeviceAlloc(int viommu, int dev, long virtId) {
        var call = VdeviceAlloc.call(ctx, viommu, dev, virtId);
        int errno = run(ioctl(call));
        return errno != 0 ? errno : call.frame().outVdeviceId();
    }

    /** Invalidates for these virtual ids; its answer. */
    public int invalidate(int viommu, long... virtIds) {
        return run(ioctl(
                HwptInvalidate.call(ctx, viommu, UserData.ofWords(1, virtIds).array(8))));
    }

    /** Asks for hardware information; its answer. */
    public int getHwInfo(int dev) {
        return run(ioctl(GetHwInfo.call(ctx, dev)));
    }

    /** IOMMU_DESTROY; its answer. */
    public int destroy(int id) {
        return run(ioctl(DestroyObject.call(ctx, id)));
    }

    // ---- checks
    // ---------------------------------------------------------------------------------------------------------

    /** What the audit of the object graph cannot explain; call while nothing is in progress. */
    public List<String> audit() {
        return GraphAudit.of(ctx, files);
    }

    /** Violations so far, without their times. */
    public List<String> violations() {
        return simulation.violations().violations().stream().map(Rig::text).toList();
    }

    private static String text(Violation violation) {
        return violation.checker() + ": " + violation.message();
    }

    private static void check(int errno) {
        if (errno != 0) {
            throw new AssertionError("errno " + errno);
        }
    }
}
