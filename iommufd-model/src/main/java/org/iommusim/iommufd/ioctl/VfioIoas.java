package org.iommusim.iommufd.ioctl;

import java.util.function.Function;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectArray;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_VFIO_IOAS (vfio_compat.c): which IOAS the commands of a VFIO container mean. Errors: EOPNOTSUPP (reserved, operation);
 * to get it ENODEV (none is set, or it is being destroyed); to set it ENOENT. It holds no reference: an IOAS that is destroyed is
 * forgotten.
 */
public final class VfioIoas extends IoctlFrame {
    private static final String NAME = "IOMMU_VFIO_IOAS";
    private static final int GET = 0;
    private static final int SET = 1;
    private static final int CLEAR = 2;
    private static final Footprint VFIO_IOAS = Footprint.of(IommufdCtx.VFIO_IOAS);
    private static final Program<VfioIoas> PROGRAM = program();

    private final RefCell<Ioas> ioas = ref();

    private VfioIoas(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<VfioIoas> program() {
        Program.Builder<VfioIoas> b = Program.named(NAME);
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        b.when("set", f -> f.op() == SET, c -> {
            get(c, "ioas", f -> f.ucmd.id("ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
            c.step("vfio_ioas = ioas", VFIO_IOAS, f -> f.ctx.vfioIoas().set(f.ioas.require()))
                    .succeed("set it");
        });
        b.when(
                "clear",
                f -> f.op() == CLEAR,
                c -> c.step("vfio_ioas = NULL", VFIO_IOAS, f -> f.ctx.vfioIoas().set(null))
                        .succeed("cleared it"));
        b.check("op", f -> f.op() == GET, Errno.EOPNOTSUPP);
        compatIoas(b, f -> f.ctx, f -> f.ioas);
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<VfioIoas> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new VfioIoas(ucmd));
    }

    /** Adds {@code get_compat_ioas} with its put: the IOAS is held until the call ends. Error: ENODEV. */
    static <F> void compatIoas(
            Program.Builder<F> program, Function<F, IommufdCtx> ctx, Function<F, RefCell<Ioas>> into) {
        program.take(
                "get_compat_ioas",
                HostCost.ATOMIC,
                ObjectPrograms.GET.and(IommufdCtx.VFIO_IOAS),
                f -> lock(ctx.apply(f), into.apply(f)),
                Undo.alwaysCall(
                        "put ioas", f -> ObjectPrograms.put(into.apply(f).require())));
    }

    private static int lock(IommufdCtx ctx, RefCell<Ioas> into) {
        if (!(ctx.vfioIoas().get() instanceof Ioas ioas) || !ObjectArray.lock(ioas)) {
            return Errno.ENODEV;
        }
        into.set(ioas);
        return 0;
    }

    private int op() {
        return ucmd.u32("op");
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("ioas_id", ioas.require().id());
    }
}
