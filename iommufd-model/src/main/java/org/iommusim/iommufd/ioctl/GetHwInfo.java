package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.iommufd.device.HostDevice;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.world.RefCell;

/** IOMMU_GET_HW_INFO (device.c). Errors: ENOENT, EFAULT. */
public final class GetHwInfo extends IoctlFrame {
    private static final String NAME = "IOMMU_GET_HW_INFO";
    private static final Program<GetHwInfo> PROGRAM = program();

    private final long devId;
    private final RefCell<Idev> idev = ref();
    private final RefCell<HwInfo> info = ref();

    private GetHwInfo(IommufdCtx ctx, long devId) {
        super(ctx);
        this.devId = devId;
    }

    private static Program<GetHwInfo> program() {
        Program.Builder<GetHwInfo> b = Program.named(NAME);
        get(b, "idev", f -> f.devId, ObjectType.DEVICE, Idev.class, f -> f.idev, Errno.ENOENT);
        b.step(
                "hw_info",
                HostCost.LOCAL,
                Footprint.of(IommufdObject.LIFE, HostDevice.DEV_IOMMU),
                f -> f.info.set(f.idev.require()
                        .dev()
                        .driver()
                        .hwInfo(f.idev.require().dev().master())));
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    public static Call<GetHwInfo> call(IommufdCtx ctx, long devId) {
        return new Call<>(PROGRAM, new GetHwInfo(ctx, devId));
    }

    /** What the driver tells; after success. */
    public HwInfo info() {
        return info.require();
    }
}
