package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.HwInfo;
import org.iommusim.hw.driver.UserData;
import org.iommusim.hw.driver.UserMemory;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
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

/**
 * IOMMU_GET_HW_INFO (device.c). Errors in this order: EOPNOTSUPP (flags, then reserved bytes), ENOENT, EOPNOTSUPP (the driver
 * has no such type), EFAULT. The type that user space asks for counts only with its flag. What the user's buffer has behind
 * the data becomes zero; {@code data_len} tells how much there is, however much was copied.
 */
public final class GetHwInfo extends IoctlFrame {
    /** {@code IOMMU_HW_INFO_FLAG_INPUT_TYPE}. */
    public static final int INPUT_TYPE = 1;

    private static final String NAME = "IOMMU_GET_HW_INFO";
    static final Program<GetHwInfo> PROGRAM = program();

    private final RefCell<Idev> idev = ref();
    private final RefCell<HwInfo> info = ref();

    private GetHwInfo(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<GetHwInfo> program() {
        Program.Builder<GetHwInfo> b = Program.named(NAME);
        b.check("flags", f -> (f.ucmd.u32("flags") & ~INPUT_TYPE) == 0, Errno.EOPNOTSUPP);
        b.check("__reserved", GetHwInfo::reservedIsZero, Errno.EOPNOTSUPP);
        get(b, "idev", f -> f.ucmd.id("dev_id"), ObjectType.DEVICE, Idev.class, f -> f.idev, Errno.ENOENT);
        b.attempt(
                "hw_info",
                HostCost.LOCAL,
                Footprint.of(IommufdObject.LIFE, HostDevice.DEV_IOMMU),
                GetHwInfo::askDriver);
        b.when("there is room for data", f -> f.ucmd.id("data_len") != 0, c -> pageFault(c, " of the data"));
        b.attempt("copy_to_user data", HostCost.FREE, UserMemory.ACCESS, GetHwInfo::copyData);
        // Behind a copy that may have slept: the device is asked once more.
        b.step(
                "device_iommu_capable",
                HostCost.LOCAL,
                Footprint.of(IommufdObject.LIFE, HostDevice.DEV_IOMMU),
                f -> f.idev.require().dev().master());
        return respond(b, NAME).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<GetHwInfo> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new GetHwInfo(ucmd));
    }

    /** The same without user memory. */
    public static Call<GetHwInfo> call(IommufdCtx ctx, long devId) {
        return call(Ucmd.of(ctx, Ucmd.structure(IommufdIoctl.GET_HW_INFO).set("dev_id", devId)));
    }

    /** The same with a place for the data in the caller's memory. */
    public static Call<GetHwInfo> call(IommufdCtx ctx, long devId, UserData data) {
        return call(Ucmd.of(
                ctx,
                data.memory(),
                Ucmd.structure(IommufdIoctl.GET_HW_INFO)
                        .set("dev_id", devId)
                        .set("data_uptr", data.address())
                        .set("data_len", data.length())));
    }

    private boolean reservedIsZero() {
        return ucmd.input().number("__reserved", 0) == 0
                && ucmd.input().number("__reserved", 1) == 0
                && ucmd.input().number("__reserved", 2) == 0;
    }

    private int askDriver() {
        int type = (ucmd.u32("flags") & INPUT_TYPE) != 0 ? ucmd.u32("in_data_type") : HwInfo.TYPE_DEFAULT;
        var dev = idev.require().dev();
        info.set(dev.driver().hwInfo(dev.master(), type));
        return info.get() == null ? Errno.EOPNOTSUPP : 0;
    }

    private int copyData() {
        byte[] data = info.require().data();
        long wanted = ucmd.id("data_len");
        long to = ucmd.u64("data_uptr");
        int known = (int) Math.min(wanted, data.length);
        int error = ucmd.memory().copyToUser(to, data, 0, known);
        return error != 0 ? error : ucmd.memory().clearUser(to + known, wanted - known);
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("data_len", info().data().length)
                .set("out_data_type", info().type())
                .set("out_max_pasid_log2", info().maxPasidLog2())
                .set("out_capabilities", info().capabilities());
    }

    /** What the driver tells; after success. */
    public HwInfo info() {
        return info.require();
    }
}
