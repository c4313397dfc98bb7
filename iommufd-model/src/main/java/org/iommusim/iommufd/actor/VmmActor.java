package org.iommusim.iommufd.actor;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.vfio.VfioFile;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.RefArrayCell;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** A VMM: a process with memory, files and guests. */
public final class VmmActor extends Actor {
    static final Variable FILES = Variable.named("process.files");
    private static final int FIRST_FD = 3;
    private static final int FILES_MAX = 256;

    private final Process process;
    private final RefArrayCell<Identified> files;
    private final RefCell<IommufdCtx> firstIommufd;
    private final List<GuestActor> guests = new ArrayList<>();

    VmmActor(Machine machine, String name) {
        super(machine, name, ActorKind.VMM);
        process = new Process(machine.kernel(), name);
        files = new RefArrayCell<>(machine.simulation().world(), FILES, stableId(), FILES_MAX);
        firstIommufd = new RefCell<>(machine.simulation().world(), FILES, stableId() + (1L << 40));
    }

    /** Its address space. */
    public Process process() {
        return process;
    }

    /** Its guests in the order in which they were made. */
    public List<GuestActor> guests() {
        return List.copyOf(guests);
    }

    void add(GuestActor guest) {
        guests.add(guest);
    }

    /** The lowest free descriptor, or -1. */
    int open(Identified file) {
        for (int fd = FIRST_FD; fd < FILES_MAX; fd++) {
            if (files.get(fd) == null) {
                files.set(fd, file);
                if (file instanceof IommufdCtx ctx) {
                    opened(ctx);
                }
                return fd;
            }
        }
        return -1;
    }

    private void opened(IommufdCtx ctx) {
        machine().audit().ifPresent(audit -> audit.opened(ctx));
        if (firstIommufd.get() == null) {
            firstIommufd.set(ctx);
        }
    }

    /** How many files hold a context: its own descriptors, and device files that are bound to it. */
    int holdersOf(IommufdCtx ctx) {
        int holders = 0;
        for (int fd = FIRST_FD; fd < FILES_MAX; fd++) {
            Identified file = files.get(fd);
            holders += file == ctx || file instanceof VfioFile df && df.iommufd() == ctx ? 1 : 0;
        }
        return holders;
    }

    /** Takes a file out of the table, or {@code null}. */
    @Nullable
    Identified close(long fd) {
        Identified file = file(fd);
        if (file != null) {
            files.set((int) fd, null);
        }
        return file;
    }

    /** Takes the file with the lowest descriptor, or the highest, out of the table; {@code null}: none is open. */
    @Nullable
    Identified closeNext(boolean highest) {
        for (int i = FIRST_FD; i < FILES_MAX; i++) {
            Identified file = close(highest ? FILES_MAX - 1 + FIRST_FD - i : i);
            if (file != null) {
                return file;
            }
        }
        return null;
    }

    private @Nullable Identified file(long fd) {
        return fd >= 0 && fd < FILES_MAX ? files.get((int) fd) : null;
    }

    /** The open device file of this descriptor, or {@code null}. */
    public @Nullable VfioFile vfioFile(long fd) {
        return file(fd) instanceof VfioFile df ? df : null;
    }

    /** The open context of this descriptor, or {@code null}. */
    public @Nullable IommufdCtx context(long fd) {
        return file(fd) instanceof IommufdCtx ctx ? ctx : null;
    }

    /** The context that a step means: that of its field {@code iommufd}, or the one that was opened first. */
    @Nullable
    IommufdCtx context(StepArguments step) {
        return step.has("iommufd") ? context(step.reference("iommufd")) : firstIommufd.get();
    }
}
