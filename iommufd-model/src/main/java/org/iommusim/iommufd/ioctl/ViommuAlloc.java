package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.VirtualIommu;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.HostDevice;
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
 * IOMMU_VIOMMU_ALLOC (viommu.c). Errors in this order: EOPNOTSUPP (flags, type 0), ENOENT (device), EOPNOTSUPP (the driver has no
 * such type), ENOENT (hwpt, also if it is nested), EINVAL (no nesting parent), ENOMEM, those of viommu_init, EFAULT. The
 * dispatch publishes the object. The vIOMMU does not hold the device.
 */
public final class ViommuAlloc extends IoctlFrame {
    private static final String NAME = "IOMMU_VIOMMU_ALLOC";
    private static final Program<ViommuAlloc> PROGRAM = program();

    private final RefCell<Idev> idev = ref();
    private final RefCell<HwptPaging> hwpt = ref();
    private final RefCell<Viommu> viommu = ref();
    private final RefCell<VirtualIommu> driverPart = ref();

    private ViommuAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<ViommuAlloc> program() {
        Program.Builder<ViommuAlloc> b = Program.named(NAME);
        b.check("flags and type", f -> f.ucmd.u32("flags") == 0 && f.type() != 0, Errno.EOPNOTSUPP);
        get(b, "idev", f -> f.ucmd.id("dev_id"), ObjectType.DEVICE, Idev.class, f -> f.idev, Errno.ENOENT);
        b.check(
                "driver has this type",
                Footprint.of(IommufdObject.LIFE, HostDevice.DEV_IOMMU),
                ViommuAlloc::driverHasType,
                Errno.EOPNOTSUPP);
        get(b, "hwpt", f -> f.ucmd.id("hwpt_id"), ObjectType.HWPT_PAGING, HwptPaging.class, f -> f.hwpt, Errno.ENOENT);
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
                                f.type(),
                                f.viommu.require(),
                                f.ucmd.userData(f.type()),
                                f.driverPart));
        b.step(
                "viommu->ops",
                HostCost.FREE,
                Footprint.of(Viommu.DRIVER_PART),
                f -> f.viommu.require().driverPart().set(f.driverPart.require()));
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<ViommuAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new ViommuAlloc(ucmd));
    }

    /** The same without user memory. */
    public static Call<ViommuAlloc> call(IommufdCtx ctx, int type, long devId, long hwptId) {
        return call(ctx, type, devId, hwptId, UserData.NONE);
    }

    /** The same with data for the driver. */
    public static Call<ViommuAlloc> call(IommufdCtx ctx, int type, long devId, long hwptId, UserData data) {
        return call(Ucmd.of(
                ctx,
                data.memory(),
                Ucmd.structure(IommufdIoctl.VIOMMU_ALLOC)
                        .set("type", type)
                        .set("dev_id", devId)
                        .set("hwpt_id", hwptId)
                        .set("data_uptr", data.address())
                        .set("data_len", data.length())));
    }

    private boolean driverHasType() {
        HostDevice dev = idev.require().dev();
        return dev.driver().getViommuSize(dev.master(), type()) != 0;
    }

    private int type() {
        return ucmd.u32("type");
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_viommu_id", outViommuId());
    }

    private int allocate() {
        Viommu made = new Viommu(hwpt.require(), idev.require().dev().driver(), type());
        int error = reserve(NAME, made);
        if (error == 0) {
            viommu.set(made);
            newObj().set(made);
        }
        return error;
    }

    /** {@code out_viommu_id}; after success. */
    public int outViommuId() {
        return viommu.require().id();
    }
}
