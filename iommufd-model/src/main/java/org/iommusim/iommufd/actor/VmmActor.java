package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.file.FileTable;
import org.iommusim.iommufd.file.KernelFile;
import org.iommusim.iommufd.ioctl.IommufdFile;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/** A VMM: a process with memory, files and guests. */
public final class VmmActor extends Actor {
    private final Process process;
    private final FileTable files;
    private final RefCell<IommufdCtx> firstIommufd;
    private final Scratch scratch;
    private final List<GuestActor> guests = new ArrayList<>();

    VmmActor(Machine machine, String name) {
        super(machine, name, ActorKind.VMM);
        process = new Process(machine.kernel(), name);
        files = new FileTable(machine.kernel());
        firstIommufd = new RefCell<>(machine.simulation().world(), FileTable.FILES, stableId());
        scratch = new Scratch(machine.simulation().world(), process, stableId());
    }

    /** Its address space. */
    public Process process() {
        return process;
    }

    /** Its descriptors. */
    FileTable files() {
        return files;
    }

    /** Itself as one who makes system calls. */
    Caller caller() {
        return new Caller(process, files);
    }

    /** Its guests in the order in which they were made. */
    public List<GuestActor> guests() {
        return List.copyOf(guests);
    }

    void add(GuestActor guest) {
        guests.add(guest);
    }

    /** Opens /dev/iommu; -1 without a free descriptor. */
    int open(IommufdFile file) {
        int fd = files.open(file);
        if (fd >= 0) {
            machine().openedContexts().add(file.ctx());
            if (firstIommufd.get() == null) {
                firstIommufd.set(file.ctx());
            }
        }
        return fd;
    }

    /** Where structures and buffers of its own system calls lie. */
    Scratch scratch() {
        return scratch;
    }

    /** How many files hold a context: its own descriptors, and device files that are bound to it. */
    int holdersOf(IommufdCtx ctx) {
        int holders = 0;
        for (KernelFile file : files.all()) {
            boolean own = file instanceof IommufdFile iommufd && iommufd.ctx() == ctx;
            holders += own || file instanceof VfioFile df && df.iommufd() == ctx ? 1 : 0;
        }
        return holders;
    }

    /** The open device file of this descriptor, or {@code null}. */
    public @Nullable VfioFile vfioFile(long fd) {
        return files.file(fd) instanceof VfioFile df ? df : null;
    }

    /** The open context of this descriptor, or {@code null}. */
    public @Nullable IommufdCtx context(long fd) {
        return files.file(fd) instanceof IommufdFile file ? file.ctx() : null;
    }

    /** The context that a step means: that of its field {@code iommufd}, or the one that was opened first. */
    @Nullable
    IommufdCtx context(StepArguments step) {
        return step.has("iommufd") ? context(step.reference("iommufd")) : firstIommufd.get();
    }

    /** The descriptor of that context, or -1. */
    int descriptor(StepArguments step) {
        if (step.has("iommufd")) {
            return (int) step.reference("iommufd");
        }
        IommufdCtx first = firstIommufd.get();
        for (int fd = files.lowest(); fd >= 0; fd = files.next(fd)) {
            if (context(fd) == first) {
                return fd;
            }
        }
        return -1;
    }
}
