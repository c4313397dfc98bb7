package org.iommusim.iommufd.ioctl;

import java.util.List;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.VfioCompatIoctl;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.IoPagetable;
import org.iommusim.iommufd.pt.IoptCut;
import org.iommusim.iommufd.pt.IoptUnmap;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;

/**
 * VFIO_IOMMU_UNMAP_DMA (vfio_compat.c). Errors in this order: EFAULT, EINVAL (argsz, flags), ENODEV (no compat IOAS); for
 * everything EINVAL (an address or size is given); otherwise those of {@link IoptCut} (a type 1 container may unmap a part
 * of a map), EINVAL (size 0), EOVERFLOW (wraps), those of {@link IoptUnmap}. The bytes unmapped are written back on success and on
 * an error of the unmap. Nothing to unmap is no error.
 */
final class VfioUnmapDma extends VfioFrame {
    private static final int ALL = 2;
    private static final Program<VfioUnmapDma> PROGRAM = program();

    private final LongCell unmapped = num();
    private final IntCell error = count();

    private VfioUnmapDma(IommufdCtx ctx, Caller caller, long argument) {
        super(ctx, caller, argument);
    }

    private static Program<VfioUnmapDma> program() {
        Program.Builder<VfioUnmapDma> b = Program.named("VFIO_IOMMU_UNMAP_DMA");
        copyIn(b, VfioCompatIoctl.VFIO_IOMMU_UNMAP_DMA.layout());
        b.check("flags", f -> (f.flags() & ~ALL) == 0, Errno.EINVAL);
        return compatIoas(b)
                .either("all", f -> (f.flags() & ALL) != 0, VfioUnmapDma::all, VfioUnmapDma::range)
                .attempt("copy_to_user", HostCost.USER_COPY, UserMemory.ACCESS, VfioUnmapDma::copyOut)
                .finish("answer of the unmap", f -> f.error.get())
                .build();
    }

    private static void all(Program.Builder<VfioUnmapDma> b) {
        b.check("no range", f -> f.iova() == 0 && f.size() == 0, Errno.EINVAL)
                .invokeForAnswer(
                        "iopt_unmap_all",
                        f -> IoptUnmap.all(f.ioas.require().iopt(), f.unmapped),
                        (f, e) -> f.error.set(e));
    }

    private static void range(Program.Builder<VfioUnmapDma> b) {
        b.branch(
                        "disable_large_pages",
                        Footprint.of(IoPagetable.ALIGNMENT),
                        f -> f.ioas.require().iopt().largePagesDisabled(),
                        c -> c.invoke(
                                "iopt_cut_iova",
                                f -> IoptCut.call(f.ioas.require().iopt(), f.cuts())))
                .step("size and wrap", Footprint.LOCAL, VfioUnmapDma::checkRange)
                .when(
                        "a range",
                        f -> f.error.get() == 0,
                        c -> c.invokeForAnswer(
                                "iopt_unmap_iova",
                                f -> IoptUnmap.range(f.ioas.require().iopt(), f.iova(), f.last(), f.unmapped),
                                (f, e) -> f.error.set(e)));
    }

    static Call<?> call(IommufdCtx ctx, Caller caller, long argument) {
        return new Call<>(PROGRAM, new VfioUnmapDma(ctx, caller, argument));
    }

    private long iova() {
        return u64("iova");
    }

    private long size() {
        return u64("size");
    }

    private long last() {
        return iova() + size() - 1;
    }

    /** Where areas must end: before the range unless it begins at 0, and at its last address. */
    private List<Long> cuts() {
        return iova() == 0 ? List.of(last()) : List.of(last(), iova() - 1);
    }

    private void checkRange() {
        if (size() == 0) {
            error.set(Errno.EINVAL);
        } else if (Long.compareUnsigned(last(), iova()) < 0) {
            error.set(Errno.EOVERFLOW);
        }
    }

    private int copyOut() {
        return copyOut(
                input.require().writer().set("size", unmapped.get()),
                input.require().layout().minSize());
    }
}
