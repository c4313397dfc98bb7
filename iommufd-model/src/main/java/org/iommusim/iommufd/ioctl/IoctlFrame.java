package org.iommusim.iommufd.ioctl;

import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.object.UserPages;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/** Frame of a handler of an ioctl in progress: its command, and what it leaves for the dispatch. */
public abstract class IoctlFrame extends Frame {
    /** What {@code iommufd_ucmd_respond} touches: user memory, and the ids of new objects. */
    private static final Footprint RESPOND = UserMemory.ACCESS.and(IommufdObject.LIFE);

    /** The command. */
    protected final Ucmd ucmd;
    /** Its context. */
    protected final IommufdCtx ctx;

    private final RefCell<IommufdObject> newObj = ref();
    /** How long the copy to user memory sleeps for a missing page, ps. */
    private long userFaultPs;
    /** True if user memory does not take the answer. */
    private boolean userRefuses;

    /** A handler's frame. */
    protected IoctlFrame(Ucmd ucmd) {
        super(ucmd.ctx().kernel().world());
        this.ucmd = ucmd;
        ctx = ucmd.ctx();
    }

    /** {@code ucmd->new_obj}: what the dispatch publishes, or aborts if the handler fails. */
    protected final RefCell<IommufdObject> newObj() {
        return newObj;
    }

    /** Fills the structure's output fields, as the handler does before it responds. */
    protected void answer(StructWriter out) {}

    /** Makes the copy of the answer sleep for a missing page; before the call runs. */
    public final void userFault(long ps) {
        userFaultPs = ps;
    }

    /** Makes the copy of the answer fail, as if its page were read-only; before the call runs. */
    public final void userRefuses() {
        userRefuses = true;
    }

    /** The errno that a test wants a step to answer, or 0. */
    protected final int injected(String program, String step) {
        return ctx.kernel().faults().errno(program, step);
    }

    /** Adds a look-up with its put: the object is held until the call ends, whatever its answer. */
    protected static <F extends IoctlFrame, T extends IommufdObject> Program.Builder<F> get(
            Program.Builder<F> program,
            String what,
            ToLongFunction<F> id,
            ObjectType type,
            Class<T> as,
            Function<F, RefCell<T>> into,
            int errno) {
        return program.take(
                "get " + what,
                HostCost.ATOMIC,
                ObjectPrograms.GET,
                f -> ObjectPrograms.getInto(f.ctx, id.applyAsLong(f), type, as, into.apply(f), errno),
                Undo.alwaysCall(
                        "put " + what, f -> ObjectPrograms.put(into.apply(f).require())));
    }

    /**
     * Adds the copy of the answer to user memory ({@code iommufd_ucmd_respond}). It may sleep for a missing page, for ever if
     * user space serves its page faults itself and withholds this one. Error: EFAULT.
     */
    protected static <F extends IoctlFrame> Program.Builder<F> respond(Program.Builder<F> program, String name) {
        return pageFault(program, "")
                .attempt("iommufd_ucmd_respond", HostCost.USER_COPY, RESPOND, f -> ((IoctlFrame) f).respond(name));
    }

    /** Adds the place where a copy to user memory sleeps for a missing page. */
    protected static <F extends IoctlFrame> Program.Builder<F> pageFault(Program.Builder<F> program, String of) {
        return UserPages.fault(program, of, f -> ((IoctlFrame) f).userFaultPs, f -> f.ctx);
    }

    private int respond(String name) {
        int injected = ctx.kernel().faults().errno(name, "iommufd_ucmd_respond", Errno.EFAULT);
        if (injected != 0) {
            return injected;
        }
        if (userRefuses) {
            return Errno.EFAULT;
        }
        StructWriter out = ucmd.input().writer();
        answer(out);
        return ucmd.respond(out);
    }

    /** Adds the publication of an object that the handler itself finalizes. */
    protected static <F extends IoctlFrame> Program.Builder<F> finalizeObject(
            Program.Builder<F> program, Function<F, IommufdObject> object) {
        return program.step(
                "iommufd_object_finalize",
                ObjectPrograms.ENTRY,
                f -> f.ctx.objects().finalizeObject(object.apply(f)));
    }

    /** Reserves an id for a new object: {@code iommufd_object_alloc}. */
    protected final int reserve(String program, IommufdObject object) {
        int injected = injected(program, "iommufd_object_alloc");
        if (injected == 0) {
            ctx.objects().reserve(object);
        }
        return injected;
    }
}
