package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.eventq.Fault;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.iommufd.pt.Ioas;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;

/**
 * IOMMU_HWPT_ALLOC (hw_pagetable.c). Errors in this order: EOPNOTSUPP (reserved), EINVAL (a data type without data, or data without a type), ENOENT
 * (device), EINVAL (pt unknown or of a type that holds no HWPT), then
 *
 * <ul>
 *   <li>on an IOAS: those of {@link HwptPagingAlloc};
 *   <li>on a HWPT or a vIOMMU: those of {@link NestedAlloc};
 * </ul>
 *
 * <p>then ENOENT (fault queue), EFAULT.
 */
public final class HwptAlloc extends IoctlFrame {
    private static final String NAME = "IOMMU_HWPT_ALLOC";
    private static final Program<HwptAlloc> PROGRAM = program();

    private final RefCell<Idev> idev = ref();
    private final RefCell<IommufdObject> pt = ref();
    private final RefCell<HwptPaging> paging = ref();
    private final RefCell<HwPagetable> hwpt = ref();
    private final RefCell<Fault> fault = ref();

    private HwptAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    private static Program<HwptAlloc> program() {
        Program.Builder<HwptAlloc> b = Program.named(NAME);
        b.check("__reserved", f -> f.ucmd.u32("__reserved") == 0, Errno.EOPNOTSUPP);
        b.check(
                "data_type and data_len",
                f -> (f.ucmd.u32("data_type") == 0) == (f.ucmd.u32("data_len") == 0),
                Errno.EINVAL);
        get(b, "idev", f -> f.ucmd.id("dev_id"), ObjectType.DEVICE, Idev.class, f -> f.idev, Errno.ENOENT);
        get(b, "pt", f -> f.ucmd.id("pt_id"), ObjectType.ANY, IommufdObject.class, f -> f.pt, Errno.EINVAL);
        b.when(
                "pt is an ioas",
                f -> f.pt.get() instanceof Ioas,
                // Held until the HWPT is published: it is on the IOAS's list and must not be found half made.
                c -> c.lock("ioas->mutex", f -> ((Ioas) f.pt.require()).mutex())
                        .invoke("iommufd_hwpt_paging_alloc", HwptAlloc::allocatePaging)
                        .step("hwpt", HostCost.FREE, Footprint.LOCAL, f -> f.hwpt.set(f.paging.require())));
        b.when(
                "pt is a hwpt",
                f -> f.pt.get() instanceof HwptPaging,
                c -> c.invoke(
                        "iommufd_hwpt_nested_alloc",
                        f -> NestedAlloc.onParent(
                                (HwptPaging) f.pt.require(), f.idev.require(), f.flags(), f.data(), f.hwpt)));
        b.when(
                "pt is a viommu",
                f -> f.pt.get() instanceof Viommu,
                c -> c.check(
                                "same physical IOMMU",
                                Footprint.of(IommufdObject.LIFE),
                                f -> ((Viommu) f.pt.require()).driver()
                                        == f.idev.require().dev().driver(),
                                Errno.EINVAL)
                        .invoke(
                                "iommufd_viommu_alloc_hwpt_nested",
                                f -> NestedAlloc.onViommu((Viommu) f.pt.require(), f.flags(), f.data(), f.hwpt)));
        b.check("type of pt", f -> f.hwpt.get() != null, Errno.EINVAL);
        b.take(
                "allocated",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall(
                        "iommufd_object_abort_and_destroy", f -> ObjectPrograms.abortAndDestroy(f.hwpt.require())));
        b.when("FAULT_ID_VALID", f -> (f.flags() & HwptPagingAlloc.FAULT_ID_VALID) != 0, HwptAlloc::connectFault);
        respond(b, NAME);
        return finalizeObject(b, f -> f.hwpt.require()).build();
    }

    private static void connectFault(Program.Builder<HwptAlloc> b) {
        get(b, "fault", f -> f.ucmd.id("fault_id"), ObjectType.FAULT, Fault.class, f -> f.fault, Errno.ENOENT);
        b.step(
                        "hwpt->fault, iopf_handler",
                        Footprint.of(HwPagetable.DOMAIN),
                        f -> f.hwpt.require().fault(f.fault.require()))
                .step(
                        "fault users++",
                        ObjectPrograms.USERS,
                        f -> f.fault.require().usersInc(NAME))
                .undoNow("get fault");
    }

    /** The ioctl's handler with its frame. */
    static Call<HwptAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new HwptAlloc(ucmd));
    }

    /**
     * The same without its command in user memory.
     *
     * @param data what user space says about the HWPT in the driver's language; {@link UserData#NONE} if nothing
     * @param faultId where faults go, if the flags say so
     */
    public static Call<HwptAlloc> call(IommufdCtx ctx, int flags, long devId, long ptId, UserData data, long faultId) {
        return call(Ucmd.of(
                ctx,
                data.memory(),
                Ucmd.structure(IommufdIoctl.HWPT_ALLOC)
                        .set("flags", flags)
                        .set("dev_id", devId)
                        .set("pt_id", ptId)
                        .set("data_type", data.type())
                        .set("data_len", data.length())
                        .set("data_uptr", data.address())
                        .set("fault_id", faultId)));
    }

    private int flags() {
        return ucmd.u32("flags");
    }

    private UserData data() {
        return ucmd.userData(ucmd.u32("data_type"));
    }

    @Override
    protected void answer(StructWriter out) {
        out.set("out_hwpt_id", outHwptId());
    }

    private Call<?> allocatePaging() {
        return HwptPagingAlloc.call(
                (Ioas) pt.require(), idev.require().dev().master(), flags(), data(), null, null, paging);
    }

    /** {@code out_hwpt_id}; after success. */
    public int outHwptId() {
        return hwpt.require().id();
    }
}
