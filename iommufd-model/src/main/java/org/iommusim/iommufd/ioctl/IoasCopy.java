package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.iommufd.pt.IoptCopy;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_IOAS_COPY (ioas.c). Errors in this order: EOPNOTSUPP (flags), EOVERFLOW (length or an address is 2^64-1), EINVAL
 * (neither readable nor writable), ENOENT (source), those of {@link IoptCopy.Pages#get}, ENOENT (destination), those of {@link
 * IoptCopy.Pages#map}, EFAULT of the answer (the copy stays).
 */
public final class IoasCopy extends IoctlFrame {
    private static final String NAME = "IOMMU_IOAS_COPY";
    private static final Program<IoasCopy> PROGRAM = program();

    private final RefCell<Ioas> source = ref();
    private final RefCell<Ioas> target = ref();
    private final IoptCopy.Pages pages = new IoptCopy.Pages(this);
    private final LongCell iova = num();

    private IoasCopy(Ucmd ucmd) {
        super(ucmd);
        iova.set(ucmd.u64("dst_iova"));
    }

    private static Program<IoasCopy> program() {
        Program.Builder<IoasCopy> b = Program.named(NAME);
        b.check("flags", f -> MapFlags.known(f.ucmd), Errno.EOPNOTSUPP);
        b.check("length and addresses", IoasCopy::belowMax, Errno.EOVERFLOW);
        b.check("readable or writable", f -> MapFlags.protection(f.ucmd) != 0, Errno.EINVAL);
        get(b, "source", f -> f.ucmd.id("src_ioas_id"), ObjectType.IOAS, Ioas.class, f -> f.source, Errno.ENOENT);
        b.invoke(
                "iopt_get_pages",
                f -> f.pages.get(f.source.require().iopt(), f.ucmd.u64("src_iova"), f.ucmd.u64("length")));
        b.undoNow("get source");
        b.guarded(
                "find the destination",
                c -> get(
                        c,
                        "destination",
                        f -> f.ucmd.id("dst_ioas_id"),
                        ObjectType.IOAS,
                        Ioas.class,
                        f -> f.target,
                        Errno.ENOENT),
                c -> c.invoke(
                        "iopt_free_pages_list",
                        f -> f.pages.free(f.source.require().iopt())));
        b.invoke(
                "iopt_map_pages",
                f -> f.pages.map(
                        f.target.require().iopt(), MapFlags.protection(f.ucmd), MapFlags.fixed(f.ucmd), f.iova));
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<IoasCopy> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new IoasCopy(ucmd));
    }

    private boolean belowMax() {
        return ucmd.u64("length") != -1L && ucmd.u64("src_iova") != -1L && ucmd.u64("dst_iova") != -1L;
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("dst_iova", iova.get());
    }
}
