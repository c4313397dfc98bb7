package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptUnmap;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_IOAS_UNMAP (ioas.c); iova 0 with length 2^64-1 means everything. Errors in this order: ENOENT (no such IOAS),
 * EOVERFLOW (iova or length is 2^64-1), EINVAL (length 0), EOVERFLOW (wraps), those of {@link IoptUnmap}, EFAULT.
 */
public final class IoasUnmap extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_UNMAP";
    private static final Program<IoasUnmap> PROGRAM = program();

    private final LongCell unmapped = num();
    private final RefCell<Ioas> ioas = ref();

    private IoasUnmap(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<IoasUnmap> program() {
        Program.Builder<IoasUnmap> b = Program.named(NAME);
        get(b, "ioas", f -> f.ucmd.id("ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.either(
                "everything",
                f -> f.iova() == 0 && f.length() == -1L,
                c -> c.invoke(
                        "iopt_unmap_all", f -> IoptUnmap.all(f.ioas.require().iopt(), f.unmapped)),
                c -> c.check("iova and length", f -> f.iova() != -1L && f.length() != -1L, Errno.EOVERFLOW)
                        .check("not empty", f -> f.length() != 0, Errno.EINVAL)
                        .check(
                                "does not wrap",
                                f -> Long.compareUnsigned(f.iova() + f.length() - 1, f.iova()) >= 0,
                                Errno.EOVERFLOW)
                        .invoke(
                                "iopt_unmap_iova",
                                f -> IoptUnmap.range(
                                        f.ioas.require().iopt(), f.iova(), f.iova() + f.length() - 1, f.unmapped))
                        .check("something was unmapped", f -> f.unmapped.get() != 0, Errno.ENOENT));
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasUnmap> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasUnmap(ucmd));
    }

    /** The same without user memory. */
    public static Call<IoasUnmap> call(IommufdCtx ctx, long ioasId, long iova, long length) {
        return call(Ucmd.of(
                ctx,
                Ucmd.structure(IommufdIoctl.IOAS_UNMAP)
                        .set("ioas_id", ioasId)
                        .set("iova", iova)
                        .set("length", length)));
    }

    private long iova() {
        return ucmd.u64("iova");
    }

    private long length() {
        return ucmd.u64("length");
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("length", unmapped());
    }

    /** {@code length}: how many bytes were unmapped; after success. */
    public long unmapped() {
        return unmapped.get();
    }
}
