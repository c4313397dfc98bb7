package org.iommusim.iommufd.ioctl;

import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.eventq.EventQueue;
import org.iommusim.iommufd.eventq.EventqFile;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.IntCell;

/** Frame of an ioctl that makes a queue with a file: the descriptor is known to user space before it leads anywhere. */
abstract class EventqIoctl extends IoctlFrame {
    private static final Footprint FILES = Footprint.of(FileTable.FILES);

    private final IntCell fd = count();

    EventqIoctl(Ucmd ucmd) {
        super(ucmd);
    }

    /** Adds {@code iommufd_eventq_init}: the file, and a descriptor without a file. Errors: ENOMEM, EMFILE. */
    static <F extends EventqIoctl> void open(Program.Builder<F> program, Function<F, EventQueue> eventq) {
        program.invoke("iommufd_eventq_init", f -> EventqFile.init(eventq.apply(f)))
                .take(
                        "get_unused_fd_flags",
                        HostCost.ATOMIC,
                        FILES,
                        EventqIoctl::reserveFd,
                        Undo.onFailure("put_unused_fd", FILES, EventqIoctl::unreserveFd));
    }

    /** Adds {@code fd_install}: from here on other threads can use the descriptor. */
    static <F extends EventqIoctl> void install(Program.Builder<F> program, Function<F, EventQueue> eventq) {
        program.step("fd_install", FILES.and(EventQueue.FILE), f -> ((EventqIoctl) f).installFd(eventq.apply(f)));
    }

    private int reserveFd() {
        FileTable files = ucmd.filesIfAny();
        if (files == null) {
            return 0;
        }
        fd.set(files.reserve());
        return fd.get() < 0 ? Errno.EMFILE : 0;
    }

    private void unreserveFd() {
        FileTable files = ucmd.filesIfAny();
        if (files != null) {
            files.unreserve(fd.get());
        }
    }

    private void installFd(EventQueue eventq) {
        FileTable files = ucmd.filesIfAny();
        if (files != null) {
            files.install(fd.get(), eventq.file().require());
        }
    }

    /** The descriptor. */
    final int fd() {
        return fd.get();
    }
}
