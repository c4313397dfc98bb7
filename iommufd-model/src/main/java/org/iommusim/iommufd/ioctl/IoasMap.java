package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.mm.AccountMode;
import org.iommusim.iommufd.mm.Process;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptMapSource;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_IOAS_MAP (ioas.c). Errors in this order: EOVERFLOW (iova or length is 2^64-1), EINVAL (neither readable nor
 * writable), ENOENT, those of {@link IoptMapSource}, EFAULT of the answer (the map stays).
 */
public final class IoasMap extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_MAP";
    private static final Program<IoasMap> PROGRAM = program();

    private final long ioasId;
    private final Process process;
    private final long userVa;
    private final long length;
    private final int protection;
    private final boolean fixed;
    private final LongCell iova = num();
    private final RefCell<Ioas> ioas = ref();

    private IoasMap(
            IommufdCtx ctx,
            long ioasId,
            Process process,
            long userVa,
            long length,
            int protection,
            boolean fixed,
            long fixedIova) {
        super(ctx);
        this.ioasId = ioasId;
        this.process = process;
        this.userVa = userVa;
        this.length = length;
        this.protection = protection;
        this.fixed = fixed;
        iova.set(fixedIova);
    }

    private static Program<IoasMap> program() {
        Program.Builder<IoasMap> b = Program.named(NAME);
        b.check("iova and length", f -> f.iova.get() != -1L && f.length != -1L, Errno.EOVERFLOW);
        b.check("readable or writable", f -> f.protection != 0, Errno.EINVAL);
        get(b, "ioas", f -> f.ioasId, ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.invoke(
                "iopt_map_user_pages",
                f -> IoptMapSource.user(f.ioas.require().iopt(), f.process, f.userVa, f.request()));
        return respond(b, NAME).build();
    }

    /** A map at a place that the kernel chooses. */
    public static Call<IoasMap> automatic(
            IommufdCtx ctx, long ioasId, Process process, long userVa, long length, int protection) {
        return new Call<>(PROGRAM, new IoasMap(ctx, ioasId, process, userVa, length, protection, false, 0));
    }

    /** A map at this place ({@code IOMMU_IOAS_MAP_FIXED_IOVA}). */
    public static Call<IoasMap> fixed(
            IommufdCtx ctx, long ioasId, Process process, long userVa, long length, int protection, long iova) {
        return new Call<>(PROGRAM, new IoasMap(ctx, ioasId, process, userVa, length, protection, true, iova));
    }

    private IoptMapSource.Request request() {
        return new IoptMapSource.Request(length, protection, fixed, iova, process.payer(), AccountMode.USER);
    }

    /** {@code iova}; after success. */
    public long iova() {
        return iova.get();
    }
}
