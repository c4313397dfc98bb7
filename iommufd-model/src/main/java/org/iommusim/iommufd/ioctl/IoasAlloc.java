package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/** IOMMU_IOAS_ALLOC (ioas.c). Errors in this order: EOPNOTSUPP (flags), ENOMEM, EFAULT. */
public final class IoasAlloc extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_ALLOC";
    private static final Program<IoasAlloc> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();

    private IoasAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<IoasAlloc> program() {
        Program.Builder<IoasAlloc> b = Program.named(NAME);
        b.check("flags", f -> f.ucmd.u32("flags") == 0, Errno.EOPNOTSUPP);
        b.lockShared("ioas_creation_lock", f -> f.ctx.ioasCreationLock());
        b.take(
                "iommufd_object_alloc",
                HostCost.ALLOCATE,
                ObjectPrograms.ENTRY.and(IoPagetable.ALIGNMENT),
                IoasAlloc::allocate,
                Undo.onFailureCall(
                        "iommufd_object_abort_and_destroy", f -> ObjectPrograms.abortAndDestroy(f.ioas.require())));
        respond(b, NAME);
        return finalizeObject(b, f -> f.ioas.require()).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasAlloc(ucmd));
    }

    /** The same without user memory. */
    public static Call<IoasAlloc> call(IommufdCtx ctx) {
        return call(Ucmd.of(ctx, Ucmd.structure(IommufdIoctl.IOAS_ALLOC)));
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_ioas_id", outIoasId());
    }

    private int allocate() {
        Ioas made = new Ioas(ctx);
        int error = reserve(NAME, made);
        if (error == 0) {
            ioas.set(made);
        }
        return error;
    }

    /** {@code out_ioas_id}; after success. */
    public int outIoasId() {
        return ioas.require().id();
    }
}
