package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
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
 * IOMMU_IOAS_MAP (ioas.c). Errors in this order: EOPNOTSUPP (flags, reserved), EOVERFLOW (iova or length is 2^64-1), EINVAL
 * (neither readable nor writable), ENOENT, those of {@link IoptMapSource}, EFAULT of the answer (the map stays).
 */
public final class IoasMap extends IoctlFrame {
    /** {@code IOMMU_IOAS_MAP_FIXED_IOVA}. */
    public static final int FIXED_IOVA = 1;
    /** {@code IOMMU_IOAS_MAP_WRITEABLE}. */
    public static final int WRITEABLE = 2;
    /** {@code IOMMU_IOAS_MAP_READABLE}. */
    public static final int READABLE = 4;

    private static final String NAME = "IOMMU_IOAS_MAP";
    private static final int FLAGS = FIXED_IOVA | WRITEABLE | READABLE;
    private static final Program<IoasMap> PROGRAM = program();

    private final LongCell iova = num();
    private final RefCell<Ioas> ioas = ref();

    private IoasMap(Ucmd ucmd) {
        super(ucmd);
        iova.set(ucmd.u64("iova"));
    }

    private static Program<IoasMap> program() {
        Program.Builder<IoasMap> b = Program.named(NAME);
        b.check(
                "flags and __reserved",
                f -> (f.flags() & ~FLAGS) == 0 && f.ucmd.u32("__reserved") == 0,
                Errno.EOPNOTSUPP);
        b.check("iova and length", f -> f.iova.get() != -1L && f.length() != -1L, Errno.EOVERFLOW);
        b.check("readable or writable", f -> (f.flags() & (WRITEABLE | READABLE)) != 0, Errno.EINVAL);
        get(b, "ioas", f -> f.ucmd.id("ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.ioas, Errno.ENOENT);
        b.invoke("iopt_map_user_pages", IoasMap::map);
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasMap> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasMap(ucmd));
    }

    private static Call<IoasMap> call(
            IommufdCtx ctx, long ioasId, Process process, long userVa, long length, int flags, long iova) {
        return call(Ucmd.of(
                ctx,
                process,
                Ucmd.structure(IommufdIoctl.IOAS_MAP)
                        .set("flags", flags)
                        .set("ioas_id", ioasId)
                        .set("user_va", userVa)
                        .set("length", length)
                        .set("iova", iova)));
    }

    /**
     * A map at a place that the kernel chooses, without user memory.
     *
     * @param protection bits {@link PagingDomain#PROT_READ}, {@link PagingDomain#PROT_WRITE}
     */
    public static Call<IoasMap> automatic(
            IommufdCtx ctx, long ioasId, Process process, long userVa, long length, int protection) {
        return call(ctx, ioasId, process, userVa, length, flags(protection), 0);
    }

    /** A map at this place, without user memory; parameters as in {@link #automatic}. */
    public static Call<IoasMap> fixed(
            IommufdCtx ctx, long ioasId, Process process, long userVa, long length, int protection, long iova) {
        return call(ctx, ioasId, process, userVa, length, flags(protection) | FIXED_IOVA, iova);
    }

    private static int flags(int protection) {
        return ((protection & PagingDomain.PROT_READ) != 0 ? READABLE : 0)
                | ((protection & PagingDomain.PROT_WRITE) != 0 ? WRITEABLE : 0);
    }

    private int flags() {
        return ucmd.u32("flags");
    }

    private long length() {
        return ucmd.u64("length");
    }

    private Call<?> map() {
        int protection = ((flags() & READABLE) != 0 ? PagingDomain.PROT_READ : 0)
                | ((flags() & WRITEABLE) != 0 ? PagingDomain.PROT_WRITE : 0);
        boolean fixed = (flags() & FIXED_IOVA) != 0;
        Process process = ucmd.process();
        return IoptMapSource.user(
                ioas.require().iopt(),
                process,
                ucmd.u64("user_va"),
                new IoptMapSource.Request(length(), protection, fixed, iova, process.payer(), AccountMode.USER));
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("iova", iova());
    }

    /** {@code iova}; after success. */
    public long iova() {
        return iova.get();
    }
}
