package org.iommusim.scenario.conform.iommufd;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.file.MemFd;
import org.iommusim.iommufd.file.SystemCall;
import org.iommusim.iommufd.ioctl.IoctlTable;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.kernels.Kernels;
import org.iommusim.iommufd.mm.MmapFlag;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.mm.User;
import org.iommusim.iommufd.object.FaultInjection;
import org.iommusim.iommufd.object.GraphAudit;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.iommufd.object.KernelListener;
import org.iommusim.iommufd.selftest.MockDriver;
import org.iommusim.iommufd.selftest.Selftest;
import org.iommusim.sim.Simulation;
import org.iommusim.sim.check.Violation;
import org.iommusim.sim.memory.MemoryRange;
import org.iommusim.sim.memory.PageAllocator;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Task;

/**
 * The machine on which vectors were recorded: the kernel with its mock IOMMU, and the process that makes the calls. One case,
 * one machine.
 */
final class RecordedHost implements SystemCalls {
    private static final long RAM_BYTES = 256L << 20;
    /** Far more than any call needs: one that is busy for longer does not come back. */
    private static final long EVENTS_PER_CALL_MAX = 50_000_000;

    private final Simulation simulation = Simulation.seeded(0).build();
    private final PageAllocator pages;
    private final Kernel kernel;
    private final IoctlTable ioctls;
    private final Task task;
    private final List<IommufdCtx> contexts = new ArrayList<>();
    private final Deque<Caller> callers = new ArrayDeque<>();
    private final Map<Long, User> users = new TreeMap<>();
    private int violationsSeen;

    /** Starts the machine and the process with its memory. */
    RecordedHost() {
        PhysicalMemory memory = new PhysicalMemory(simulation.world(), simulation.violations(), RAM_BYTES);
        memory.addRam(0, RAM_BYTES, PageOwner.FREE);
        pages = new PageAllocator(simulation.world(), memory, new MemoryRange(0, RAM_BYTES));
        kernel = new Kernel(simulation, memory, pages, Kernels.LINUX_7_3, KernelListener.NONE, FaultInjection.NONE);
        ioctls = Selftest.table(new MockDriver(kernel, "mock"));
        task = new Task(simulation.tasks(), "recorder");
        Process process = new Process(kernel, "recorder");
        users.put(0L, process.user());
        callers.push(new Caller(process, new FileTable(kernel)));
        map(MmapRequest.anonymous(Region.BUF.bytes()).with(MmapFlag.SHARED), Region.BUF);
        map(MmapRequest.anonymous(Region.RO.bytes()).with(MmapFlag.WRITE, false), Region.RO);
        map(MmapRequest.anonymous(Region.BLOB.bytes()), Region.BLOB);
        map(MmapRequest.anonymous(Region.HUGE.bytes()).with(MmapFlag.HUGE), Region.HUGE);
        map(MmapRequest.anonymous(Region.ARGUMENT.bytes()), Region.ARGUMENT);
    }

    private void map(MmapRequest request, Region region) {
        long at = process().mmap(request.at(region.base()));
        if (at != region.base()) {
            throw new IllegalStateException(region + " cannot be mapped: " + Errno.name((int) at));
        }
    }

    private Caller caller() {
        return callers.element();
    }

    private Process process() {
        return caller().process();
    }

    private FileTable files() {
        return caller().files();
    }

    // ---- system calls -----------------------------------------------------------------------------------------------

    private int run(Call<?> call) {
        int[] answer = {1};
        task.run(call, errno -> answer[0] = errno);
        for (long events = 0; answer[0] == 1; events++) {
            if (events == EVENTS_PER_CALL_MAX || !simulation.scheduler().step()) {
                throw new IllegalStateException("the call does not return: it is at " + task.position()
                        + " and waits for " + task.waitingFor());
            }
        }
        return answer[0];
    }

    private long runForResult(Call<SystemCall> call) {
        int errno = run(call);
        return errno < 0 ? errno : call.frame().result();
    }

    private long install(KernelFile file) {
        int fd = files().open(file);
        if (fd < 0) {
            run(SystemCall.close(file));
            return Errno.EMFILE;
        }
        return fd;
    }

    @Override
    public long open() {
        IommufdCtx ctx = new IommufdCtx(kernel, "iommufd" + contexts.size());
        contexts.add(ctx);
        return install(new IommufdFile(ctx, ioctls));
    }

    @Override
    public long memfd(long bytes) {
        return install(new MemFd(kernel, bytes));
    }

    @Override
    public long nextDescriptor() {
        int fd = files().reserve();
        if (fd >= 0) {
            files().unreserve(fd);
        }
        return fd;
    }

    @Override
    public long close(long fd) {
        return run(SystemCall.close(caller(), fd));
    }

    @Override
    public long dup(long fd) {
        if (files().file(fd) == null) {
            return Errno.EBADF;
        }
        int copy = files().dup(fd);
        return copy < 0 ? Errno.EMFILE : copy;
    }

    @Override
    public long ioctl(long fd, long number, long argument) {
        return runForResult(SystemCall.ioctl(caller(), fd, (int) number, argument));
    }

    @Override
    public long read(long fd, long va, long bytes) {
        return runForResult(SystemCall.read(caller(), fd, va, bytes));
    }

    @Override
    public long write(long fd, long va, long bytes) {
        return runForResult(SystemCall.write(caller(), fd, va, bytes));
    }

    @Override
    public long poll(long fd) {
        return runForResult(SystemCall.poll(caller(), fd));
    }

    @Override
    public long mmap(long fd, long offset, long bytes, boolean privately, boolean executable) {
        MmapRequest request = MmapRequest.anonymous(bytes)
                .from(offset)
                .with(MmapFlag.SHARED, !privately)
                .with(MmapFlag.EXEC, executable);
        return runForResult(SystemCall.mmap(caller(), fd, request));
    }

    @Override
    public long munmap(long va, long bytes) {
        return run(SystemCall.munmap(kernel, process(), va, bytes));
    }

    @Override
    public long setuid(long uid) {
        process().user(users.computeIfAbsent(uid, id -> new User(kernel, id.intValue())));
        return 0;
    }

    @Override
    public long limitLockedMemory(long bytes) {
        process().memlockLimit(bytes);
        return 0;
    }

    @Override
    public long fork() {
        FileTable copy = files().copy();
        return process().fork("child of " + process().name(), child -> callers.push(new Caller(child, copy)));
    }

    @Override
    public long join() {
        exitProcess();
        return 0;
    }

    private void exitProcess() {
        for (int fd = files().lowest(); fd >= 0; fd = files().lowest()) {
            run(SystemCall.close(caller(), fd));
        }
        run(SystemCall.munmap(kernel, process(), 0, 1L << 47));
        callers.pop();
    }

    // ---- memory -----------------------------------------------------------------------------------------------------

    @Override
    public boolean store(long va, byte[] bytes) {
        return process().copyToUser(va, bytes) == 0;
    }

    @Override
    public byte[] load(long va, int bytes) {
        byte[] loaded = new byte[bytes];
        // What can be read before the first page that is not there comes, the rest stays zero.
        process().copyFromUser(va, loaded);
        return loaded;
    }

    // ---- checks -----------------------------------------------------------------------------------------------------

    /** What checks found since they were asked last. */
    List<Violation> violations() {
        List<Violation> all = simulation.violations().violations();
        List<Violation> found = List.copyOf(all.subList(violationsSeen, all.size()));
        violationsSeen = all.size();
        return found;
    }

    /** References that nobody can explain, of all contexts that are open. */
    List<String> audit() {
        List<String> findings = new ArrayList<>();
        for (IommufdCtx ctx : contexts) {
            if (!ctx.released()) {
                findings.addAll(GraphAudit.of(ctx, descriptors(ctx)));
            }
        }
        return findings;
    }

    private int descriptors(IommufdCtx ctx) {
        return (int) callers.stream()
                .flatMap(caller -> caller.files().all().stream())
                .filter(file -> file instanceof IommufdFile iommufd && iommufd.ctx() == ctx)
                .count();
    }

    /** Every live object with its counts and who holds it. */
    List<String> graph() {
        return contexts.stream()
                .filter(ctx -> !ctx.released())
                .flatMap(ctx -> GraphAudit.describe(ctx).stream())
                .toList();
    }

    /** Ends all processes. What is left then is a leak. */
    List<String> exit() {
        while (!callers.isEmpty()) {
            exitProcess();
        }
        List<String> left = new ArrayList<>();
        contexts.stream().filter(ctx -> !ctx.released()).forEach(ctx -> left.add(ctx + " is not released"));
        if (pages.usedPages() != 0) {
            left.add(pages.usedPages() + " pages are not given back");
        }
        return left;
    }
}
