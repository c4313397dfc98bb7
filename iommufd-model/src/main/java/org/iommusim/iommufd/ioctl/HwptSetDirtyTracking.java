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
 * IOMMU_HWPT_SET_DIRTY_TRACKING (hw_pagetable.c). Errors in this order: EOPNOTSUPP (flags; __reserved is not looked at), ENOENT,
 * EOPNOTSUPP (the domain cannot), those of the driver.
 */
public final class HwptSetDirtyTracking extends IoctlFrame {
    private static final int ENABLE = 1;
    private static final Program<HwptSetDirtyTracking> PROGRAM = program();

    private final RefCell<HwptPaging> hwpt = ref();
    private final RefCell<DirtyOps> ops = ref();

    private HwptSetDirtyTracking(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<HwptSetDirtyTracking> program() {
        Program.Builder<HwptSetDirtyTracking> b = Program.named("IOMMU_HWPT_SET_DIRTY_TRACKING");
        b.check("flags", f -> (f.ucmd.u32("flags") & ~ENABLE) == 0, Errno.EOPNOTSUPP);
        get(b, "hwpt", f -> f.ucmd.id("hwpt_id"), ObjectType.HWPT_PAGING, HwptPaging.class, f -> f.hwpt, Errno.ENOENT);
        b.attempt("dirty_ops", HostCost.LOCAL, Footprint.of(HwPagetable.DOMAIN), HwptSetDirtyTracking::findOps);
        b.invoke("iopt_set_dirty_tracking", HwptSetDirtyTracking::set);
        return b.build();
    }

    /** The ioctl's handler with its frame. */
    static Call<HwptSetDirtyTracking> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new HwptSetDirtyTracking(ucmd));
    }

    private int findOps() {
        ops.set(hwpt.require().paging().dirtyOps());
        return ops.get() == null ? Errno.EOPNOTSUPP : 0;
    }

    private Call<?> set() {
        HwptPaging paging = hwpt.require();
        boolean enable = (ucmd.u32("flags") & ENABLE) != 0;
        return IoptDirty.set(paging.ioas().iopt(), paging.paging(), ops.require(), enable);
    }
}
