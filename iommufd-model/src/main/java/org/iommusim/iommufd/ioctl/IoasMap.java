package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.PagingDomain;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
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
    private static final String NAME = "IOMMU_IOAS_MAP";
    private static final Program<IoasMap> PROGRAM = program();

    private final LongCell iova = num();
    private final RefCell<Ioas> ioas = ref();

    private IoasMap(Ucmd ucmd) {
        super(ucmd);
        iova.set(ucmd.u64("iova"));
    }

    private static Program<IoasMap> program() {
        Program.Builder<IoasMap> b = Program.named(NAME);
        b.check("flags and __reserved", f -> MapFlags.known(f.ucmd) && f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        b.check("iova and length", f -> f.iova.get() != -1L && f.length() != -1L, Errno.EOVERFLOW);
        b.check("readable or writable", f -> MapFlags.protection(f.ucmd) != 0, Errno.EINVAL);
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
        return call(ctx, ioasId, process, userVa, length, MapFlags.of(protection, false), 0);
    }

    /** A map at this place, without user memory; parameters as in {@link #automatic}. */
    public static Call<IoasMap> fixed(
            IommufdCtx ctx, long ioasId, Process process, long userVa, long length, int protection, long iova) {
        return call(ctx, ioasId, process, userVa, length, MapFlags.of(protection, true), iova);
    }

    private long length() {
        return ucmd.u64("length");
    }

    private Call<?> map() {
        return IoptMapSource.user(
                ioas.require().iopt(), ucmd.process(), ucmd.u64("user_va"), MapFlags.request(ucmd, length(), iova));
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
