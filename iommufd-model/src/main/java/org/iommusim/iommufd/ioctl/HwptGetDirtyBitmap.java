package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.DirtyOps;
import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.IoptDirty;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_HWPT_GET_DIRTY_BITMAP (hw_pagetable.c). Errors in this order: EOPNOTSUPP (flags, reserved), ENOENT, those of {@link
 * IoptDirty#checkRange}, EOPNOTSUPP (the domain cannot). A hole in the maps, or a bitmap that cannot be written, is no error.
 */
public final class HwptGetDirtyBitmap extends IoctlFrame {
    private static final int NO_CLEAR = 1;
    private static final Program<HwptGetDirtyBitmap> PROGRAM = program();

    private final RefCell<HwptPaging> hwpt = ref();
    private final RefCell<DirtyOps> ops = ref();

    private HwptGetDirtyBitmap(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<HwptGetDirtyBitmap> program() {
        Program.Builder<HwptGetDirtyBitmap> b = Program.named("IOMMU_HWPT_GET_DIRTY_BITMAP");
        b.check(
                "flags and __reserved",
                f -> (f.ucmd.u32("flags") & ~NO_CLEAR) == 0 && f.ucmd.u32("__reserved") == 0,
                Errno.EOPNOTSUPP);
        get(b, "hwpt", f -> f.ucmd.id("hwpt_id"), ObjectType.HWPT_PAGING, HwptPaging.class, f -> f.hwpt, Errno.ENOENT);
        b.attempt("iommufd_check_iova_range", HostCost.LOCAL, IoptDirty.CHECK, HwptGetDirtyBitmap::checkRange);
        b.attempt("dirty_ops", HostCost.LOCAL, Footprint.of(HwPagetable.DOMAIN), HwptGetDirtyBitmap::findOps);
        b.invoke("iopt_read_and_clear_dirty_data", HwptGetDirtyBitmap::read);
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<HwptGetDirtyBitmap> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new HwptGetDirtyBitmap(ucmd));
    }

    private long iova() {
        return ucmd.u64("iova");
    }

    private long length() {
        return ucmd.u64("length");
    }

    private int checkRange() {
        return IoptDirty.checkRange(hwpt.require().ioas().iopt(), iova(), length(), ucmd.u64("page_size"));
    }

    private int findOps() {
        ops.set(hwpt.require().paging().dirtyOps());
        return ops.get() == null ? Errno.EOPNOTSUPP : 0;
    }

    private Call<?> read() {
        IovaBitmap bitmap = new IovaBitmap(ucmd.memory(), iova(), length(), ucmd.u64("page_size"), ucmd.u64("data"));
        return IoptDirty.read(
                hwpt.require().ioas().iopt(),
                hwpt.require().paging(),
                ops.require(),
                iova(),
                iova() + length() - 1,
                (ucmd.u32("flags") & NO_CLEAR) == 0,
                bitmap);
    }
}
