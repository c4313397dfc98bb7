package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.jspecify.annotations.Nullable;

/** {@code iommufd_fops_ioctl}: what surrounds every ioctl, and the end of the file if this call was its last user. */
public final class Ioctl extends Frame {
    private static final Program<Ioctl> DISPATCH = Program.<Ioctl>named("iommufd_fops_ioctl")
            .attempt("fdget", HostCost.IOCTL_ENTRY, Footprint.of(IommufdCtx.FILE), Ioctl::fileGet)
            .invokeForAnswer("execute", f -> f.handler, (f, e) -> f.error.set(e))
            // The handler's references are put already; nobody can find the object before this.
            .when(
                    "new_obj",
                    f -> f.newObj() != null,
                    b -> b.either(
                            "succeeded",
                            f -> f.error.get() == 0,
                            c -> c.step(
                                    "iommufd_object_finalize",
                                    ObjectPrograms.ENTRY,
                                    f -> f.ctx.objects().finalizeObject(f.requireNewObj())),
                            c -> c.invoke(
                                    "iommufd_object_abort_and_destroy",
                                    f -> ObjectPrograms.abortAndDestroy(f.requireNewObj()))))
            .step("fdput", Footprint.of(IommufdCtx.FILE), f -> f.last.set(f.ctx.filePut() ? 1 : 0))
            // The descriptor was closed meanwhile: the release runs as the system call returns.
            .when(
                    "last user of the file",
                    f -> f.last.get() != 0,
                    b -> b.invoke("iommufd_fops_release", f -> ObjectPrograms.release(f.ctx)))
            .finish("return", f -> f.error.get())
            .build();

    private final IommufdCtx ctx;
    private final Call<?> handler;
    private final @Nullable IoctlFrame ucmd;
    private final IntCell error = count();
    private final IntCell last = count();

    private Ioctl(IommufdCtx ctx, Call<?> handler) {
        super(ctx.kernel().world());
        this.ctx = ctx;
        this.handler = handler;
        ucmd = handler.frame() instanceof IoctlFrame frame ? frame : null;
    }

    /** The system call around a handler on a context's file. Errors: EBADF, those of the handler. */
    public static Call<?> call(IommufdCtx ctx, Call<?> handler) {
        return new Call<>(DISPATCH, new Ioctl(ctx, handler));
    }

    private int fileGet() {
        if (ctx.fileReferences() == 0) {
            return Errno.EBADF;
        }
        ctx.fileGet();
        return 0;
    }

    private @Nullable IommufdObject newObj() {
        return ucmd == null ? null : ucmd.newObj.get();
    }

    private IommufdObject requireNewObj() {
        if (ucmd == null) {
            throw new IllegalStateException("a handler without a frame of an ioctl makes no object");
        }
        return ucmd.newObj.require();
    }
}
