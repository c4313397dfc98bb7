package org.iommusim.iommufd.file;

import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.AreaOwner;
import org.iommusim.iommufd.mm.MmapRequest;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.Kernel;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * A system call on a file: it holds the file while its operation runs, and releases the file if nobody holds it afterwards.
 * The number that a successful call answers is in {@link #result}.
 */
public final class SystemCall extends Frame {
    /** What finding, holding and putting a file touches. */
    public static final Footprint FILE = Footprint.of(FileTable.FILES, KernelFile.REFERENCES, IommufdCtx.FILE);

    private static final Program<SystemCall> IOCTL = onFile("ioctl");
    private static final Program<SystemCall> ENTERED = onFile("ioctl", HostCost.FREE, HostCost.FREE);
    private static final Program<SystemCall> READ = onFile("read");
    private static final Program<SystemCall> WRITE = onFile("write");
    private static final Program<SystemCall> POLL = onFile("poll");
    private static final Program<SystemCall> MMAP = onFile("mmap");
    private static final Program<SystemCall> CLOSE = Program.<SystemCall>named("close")
            .attempt("fput", HostCost.IOCTL_ENTRY, FILE, SystemCall::close)
            .when("last user of the file", f -> f.last.get() != 0, b -> b.invoke("release", SystemCall::release))
            .build();

    private final Function<SystemCall, @Nullable KernelFile> find;
    private final Function<SystemCall, @Nullable Call<?>> operation;
    private final RefCell<KernelFile> file = ref();
    private final LongCell result = num();
    private final IntCell error = count();
    private final IntCell last = count();

    private SystemCall(
            Kernel kernel,
            Function<SystemCall, @Nullable KernelFile> find,
            Function<SystemCall, @Nullable Call<?>> operation) {
        super(kernel.world());
        this.find = find;
        this.operation = operation;
    }

    private static Program<SystemCall> onFile(String name) {
        return onFile(name, HostCost.IOCTL_ENTRY, HostCost.ATOMIC);
    }

    private static Program<SystemCall> onFile(String name, HostCost entry, HostCost exit) {
        return Program.<SystemCall>named(name)
                .attempt("fdget", entry, FILE, SystemCall::hold)
                .invokeForAnswer("operation", f -> f.operation.apply(f), (f, e) -> f.error.set(e))
                .step("fdput", exit, FILE, f -> f.last.set(f.file.require().put() ? 1 : 0))
                // The descriptor was closed meanwhile: the release runs as the system call returns.
                .when("last user of the file", f -> f.last.get() != 0, b -> b.invoke("release", SystemCall::release))
                .finish("return", f -> f.error.get())
                .build();
    }

    private static SystemCall on(Caller caller, long fd, Function<SystemCall, @Nullable Call<?>> operation) {
        return new SystemCall(caller.files().kernel(), f -> caller.files().file(fd), operation);
    }

    /** {@code ioctl(fd, number, argument)}. Errors: EBADF, those of the file. */
    public static Call<SystemCall> ioctl(Caller caller, long fd, int number, long argument) {
        return new Call<>(IOCTL, on(caller, fd, f -> f.file.require().ioctl(caller, number, argument, f.result)));
    }

    /** An ioctl on a file that is at hand, whose operation is at hand too. */
    public static Call<SystemCall> ioctl(KernelFile file, Call<?> operation) {
        return new Call<>(IOCTL, new SystemCall(file.kernel(), f -> file, f -> operation));
    }

    /** The same of an operation that spends the time of the entry itself. Errors: EBADF (closed meanwhile), its own. */
    public static Call<SystemCall> enteredIoctl(KernelFile file, Call<?> operation) {
        return new Call<>(ENTERED, new SystemCall(file.kernel(), f -> file, f -> operation));
    }

    /** {@code read(fd, address, length)}: {@link #result} bytes. Errors: EBADF, those of the file. */
    public static Call<SystemCall> read(Caller caller, long fd, long address, long length) {
        return new Call<>(READ, on(caller, fd, f -> f.file.require().read(caller, address, length, f.result)));
    }

    /** {@code write(fd, address, length)}: {@link #result} bytes. Errors: EBADF, those of the file. */
    public static Call<SystemCall> write(Caller caller, long fd, long address, long length) {
        return new Call<>(WRITE, on(caller, fd, f -> f.file.require().write(caller, address, length, f.result)));
    }

    /** {@code poll} of one descriptor without waiting: {@link #result} is a mask of {@link PollMask}. Error: EBADF. */
    public static Call<SystemCall> poll(Caller caller, long fd) {
        return new Call<>(POLL, on(caller, fd, f -> f.file.require().poll(f.result)));
    }

    /**
     * {@code mmap} of a file: {@link #result} is the address. Errors: EBADF, those of the file.
     *
     * @param request without a backing; its offset is one of the file
     */
    public static Call<SystemCall> mmap(Caller caller, long fd, MmapRequest request) {
        return new Call<>(MMAP, on(caller, fd, f -> f.file.require().mmap(caller, request, f.result)));
    }

    /** {@code close(fd)}. Error: EBADF. */
    public static Call<SystemCall> close(Caller caller, long fd) {
        return new Call<>(
                CLOSE,
                new SystemCall(caller.files().kernel(), f -> caller.files().take(fd), f -> null));
    }

    /** Drops a reference on a file that is at hand. */
    public static Call<SystemCall> close(KernelFile file) {
        return new Call<>(CLOSE, new SystemCall(file.kernel(), f -> file, f -> null));
    }

    /** {@code munmap}; owners of areas hear of it. Error: EINVAL. */
    public static Call<?> munmap(Kernel kernel, Process process, long va, long bytes) {
        return Unmap.call(kernel, process, va, bytes);
    }

    private int hold() {
        KernelFile found = find.apply(this);
        if (found == null || found.references() == 0) {
            return Errno.EBADF;
        }
        found.get();
        file.set(found);
        return 0;
    }

    private int close() {
        KernelFile found = find.apply(this);
        if (found == null) {
            return Errno.EBADF;
        }
        file.set(found);
        last.set(found.put() ? 1 : 0);
        return 0;
    }

    private @Nullable Call<?> release() {
        return file.require().release();
    }

    /** What the call answers if it succeeds: a number of bytes, a mask, an address, or 0. */
    public long result() {
        return result.get();
    }

    /** Frame of {@link #munmap}. */
    private static final class Unmap extends Frame {
        private static final Program<Unmap> PROGRAM = Program.<Unmap>named("munmap")
                .attempt("unmap areas", HostCost.IOCTL_ENTRY, Process.MM, f -> f.process.munmap(f.va, f.bytes))
                .step("first owner", HostCost.FREE, Process.MM, f -> f.owner.set(f.process.takeClosed()))
                .loop(
                        "each owner",
                        f -> f.owner.get() != null,
                        b -> b.invoke("vm_ops->close", f -> f.owner.require().close())
                                .step(
                                        "next owner",
                                        HostCost.FREE,
                                        Process.MM,
                                        f -> f.owner.set(f.process.takeClosed())))
                .build();

        private final Process process;
        private final long va;
        private final long bytes;
        private final RefCell<AreaOwner> owner = ref();

        private Unmap(Kernel kernel, Process process, long va, long bytes) {
            super(kernel.world());
            this.process = process;
            this.va = va;
            this.bytes = bytes;
        }

        static Call<?> call(Kernel kernel, Process process, long va, long bytes) {
            return new Call<>(PROGRAM, new Unmap(kernel, process, va, bytes));
        }
    }
}
