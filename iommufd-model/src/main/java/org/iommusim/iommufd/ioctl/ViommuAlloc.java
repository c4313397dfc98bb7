package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_VIOMMU_ALLOC (viommu.c). Errors in this order: EOPNOTSUPP (type 0), ENOENT (device), EOPNOTSUPP (the driver has no
 * such type), ENOENT (hwpt, also if it is nested), EINVAL (no nesting parent), ENOMEM, those of viommu_init, EFAULT. The
 * dispatch publishes the object. The vIOMMU does not hold the device.
 */
public final class ViommuAlloc extends IoctlFrame {
    private static final String NAME = "IOMMU_VIOMMU_ALLOC";
    private static final Program<ViommuAlloc> PROGRAM = program();

    private final int type;
    private final long devId;
    private final long hwptId;
    private final RefCell<Idev> idev = ref();
    private final RefCell<HwptPaging> hwpt = ref();
    private final RefCell<Viommu> viommu = ref();
    private final RefCell<VirtualIommu> driverPart = ref();

    private ViommuAlloc(IommufdCtx ctx, int type, long devId, long hwptId) {
        super(ctx);
        this.type = type;
        this.devId = devId;
        this.hwptId = hwptId;
    }

    private static Program<ViommuAlloc> program() {
        Program.Builder<ViommuAlloc> b = Program.named(NAME);
        b.check("type", f -> f.type != 0, Errno.EOPNOTSUPP);
        get(b, "idev", f -> f.devId, ObjectType.DEVICE, Idev.class, f -> f.idev, Errno.ENOENT);
        b.check(
                "driver has this type",
                Footprint.of(IommufdObject.LIFE),
                f -> f.idev.require().dev().driver().viommuType() == f.type,
                Errno.EOPNOTSUPP);
        get(b, "hwpt", f -> f.hwptId, ObjectType.HWPT_PAGING, HwptPaging.class, f -> f.hwpt, Errno.ENOENT);
        b.check("nesting parent", f -> f.hwpt.require().nestParent(), Errno.EINVAL);
        b.attempt("iommufd_object_alloc", HostCost.ALLOCATE, ObjectPrograms.ENTRY, ViommuAlloc::allocate);
        b.step("hwpt users++", ObjectPrograms.USERS, f -> f.hwpt.require().usersInc(NAME));
        b.invoke(
                "viommu_init",
                f -> f.viommu
                        .require()
                        .driver()
                        .viommuInit(
                                f.idev.require().dev().master(),
                                f.hwpt.require().paging(),
                                f.type,
                                f.viommu.require(),
                                UserData.NONE,
                                f.driverPart));
        b.step(
                "viommu->ops",
                HostCost.FREE,
                Footprint.of(Viommu.DRIVER_PART),
                f -> f.viommu.require().driverPart().set(f.driverPart.require()));
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    public static Call<ViommuAlloc> call(IommufdCtx ctx, int type, long devId, long hwptId) {
        return new Call<>(PROGRAM, new ViommuAlloc(ctx, type, devId, hwptId));
    }

    private int allocate() {
        Viommu made = new Viommu(hwpt.require(), idev.require().dev().driver(), type);
        int error = reserve(NAME, made);
        if (error == 0) {
            viommu.set(made);
            newObj.set(made);
        }
        return error;
    }

    /** {@code out_viommu_id}; after success. */
    public int outViommuId() {
        return viommu.require().id();
    }
}
