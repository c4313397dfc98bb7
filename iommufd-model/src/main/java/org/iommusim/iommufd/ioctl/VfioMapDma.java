package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.abi.VfioCompatIoctl;
import org.iommusim.iommufd.file.Caller;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.pt.IoptMapSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;

/**
 * VFIO_IOMMU_MAP_DMA (vfio_compat.c). Errors in this order: EFAULT, EINVAL (argsz, flags), ENODEV (no compat IOAS), those of
 * {@link IoptMapSource#user} at a fixed address. A map that is neither readable nor writable is taken.
 */
final class VfioMapDma extends VfioFrame {
    private static final int READ = 1;
    private static final int WRITE = 2;
    private static final Program<VfioMapDma> PROGRAM = program();

    private final LongCell iova = num();

    private VfioMapDma(IommufdCtx ctx, Caller caller, long argument) {
        super(ctx, caller, argument);
    }

    private static Program<VfioMapDma> program() {
        Program.Builder<VfioMapDma> b = Program.named("VFIO_IOMMU_MAP_DMA");
        copyIn(b, VfioCompatIoctl.VFIO_IOMMU_MAP_DMA.layout());
        b.check("flags", f -> (f.flags() & ~(READ | WRITE)) == 0, Errno.EINVAL);
        return compatIoas(b).invoke("iopt_map_user_pages", VfioMapDma::map).build();
    }

    static Call<?> call(IommufdCtx ctx, Caller caller, long argument) {
        return new Call<>(PROGRAM, new VfioMapDma(ctx, caller, argument));
    }

    private Call<?> map() {
        iova.set(u64("iova"));
        int protection = ((flags() & READ) != 0 ? PagingDomain.PROT_READ : 0)
                | ((flags() & WRITE) != 0 ? PagingDomain.PROT_WRITE : 0);
        return IoptMapSource.user(
                ioas.require().iopt(),
                process,
                u64("vaddr"),
                new IoptMapSource.Request(
                        u64("size"), protection, true, iova, process.payer(), MapFlags.account(ctx, process)));
    }
}
