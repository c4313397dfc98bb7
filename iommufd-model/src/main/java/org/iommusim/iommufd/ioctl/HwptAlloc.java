package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.abi.IommufdIoctl;
import org.iommusim.iommufd.abi.StructWriter;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.object.ObjectType;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptNested;
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
 * IOMMU_HWPT_ALLOC (hw_pagetable.c). Errors in this order: EOPNOTSUPP (reserved), EINVAL (data without a type or a type
 * without data), ENOENT (device), EINVAL (pt unknown or of a type that holds no HWPT), then
 *
 * <ul>
 *   <li>on an IOAS: EOPNOTSUPP (flags; user data: no driver here takes any), those of the driver and of putting the maps in;
 *   <li>on a vIOMMU: EOPNOTSUPP (flags, or no data), EINVAL (device of another IOMMU), those of the driver;
 *   <li>on a HWPT: EOPNOTSUPP: no driver here nests without a vIOMMU.
 * </ul>
 */
public final class HwptAlloc extends IoctlFrame {
    /** {@code IOMMU_HWPT_ALLOC_NEST_PARENT}. */
    public static final int NEST_PARENT = 1;

    private static final String NAME = "IOMMU_HWPT_ALLOC";
    private static final Program<HwptAlloc> NESTED = nested();
    private static final Program<HwptAlloc> PROGRAM = program();

    private final RefCell<Idev> idev = ref();
    private final RefCell<IommufdObject> pt = ref();
    private final RefCell<HwptPaging> paging = ref();
    private final RefCell<HwPagetable> hwpt = ref();
    private final RefCell<IommuDomain> domain = ref();

    private HwptAlloc(Ucmd ucmd) {
        super(ucmd);
    }

    /** {@code iommufd_viommu_alloc_hwpt_nested}. */
    private static Program<HwptAlloc> nested() {
        return Program.<HwptAlloc>named("iommufd_viommu_alloc_hwpt_nested")
                .check("flags and data", f -> f.flags() == 0 && f.data().length() != 0, Errno.EOPNOTSUPP)
                .take(
                        "iommufd_object_alloc",
                        HostCost.ALLOCATE,
                        ObjectPrograms.ENTRY,
                        HwptAlloc::allocateNested,
                        Undo.onFailureCall("abort hwpt", f -> ObjectPrograms.abortAndDestroy(f.hwpt.require())))
                .step("viommu users++", ObjectPrograms.USERS, f -> f.viommu().usersInc(NAME))
                .invoke(
                        "alloc_domain_nested",
                        f -> f.viommu().driverPart().require().allocDomainNested(f.flags(), f.data(), f.domain))
                .step(
                        "hwpt->domain = domain",
                        HostCost.FREE,
                        Footprint.of(HwPagetable.DOMAIN),
                        f -> f.hwpt.require().domain().set(f.domain.require()))
                .build();
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
                c -> c.check("flags", f -> (f.flags() & ~NEST_PARENT) == 0, Errno.EOPNOTSUPP)
                        .check("no user data", f -> f.data().length() == 0, Errno.EOPNOTSUPP)
                        // Held until the HWPT is published: it is on the IOAS's list and must not be found half made.
                        .lock("ioas->mutex", f -> (((Ioas) f.pt.require())).mutex())
                        .invoke("iommufd_hwpt_paging_alloc", HwptAlloc::allocatePaging)
                        .step("hwpt", HostCost.FREE, Footprint.LOCAL, f -> f.hwpt.set(f.paging.require())));
        b.when(
                "pt is a viommu",
                f -> f.pt.get() instanceof Viommu,
                c -> c.check(
                                "same physical IOMMU",
                                Footprint.of(IommufdObject.LIFE),
                                f -> f.viommu().driver()
                                        == f.idev.require().dev().driver(),
                                Errno.EINVAL)
                        .invoke("iommufd_viommu_alloc_hwpt_nested", f -> new Call<>(NESTED, f)));
        b.check("nesting on a hwpt", f -> !(f.pt.get() instanceof HwPagetable), Errno.EOPNOTSUPP);
        b.check("type of pt", f -> f.hwpt.get() != null, Errno.EINVAL);
        b.take(
                "allocated",
                HostCost.FREE,
                Footprint.LOCAL,
                f -> 0,
                Undo.onFailureCall(
                        "iommufd_object_abort_and_destroy", f -> ObjectPrograms.abortAndDestroy(f.hwpt.require())));
        respond(b, NAME);
        return finalizeObject(b, f -> f.hwpt.require()).build();
    }

    /** The ioctl's handler with its frame. */
    static Call<HwptAlloc> call(Ucmd ucmd) {
        return new Call<>(PROGRAM, new HwptAlloc(ucmd));
    }

    /**
     * The same without its command in user memory.
     *
     * @param data what user space says about a nested HWPT; {@link UserData#NONE} for a paging one
     */
    public static Call<HwptAlloc> call(IommufdCtx ctx, int flags, long devId, long ptId, UserData data) {
        return call(Ucmd.of(
                ctx,
                data.memory(),
                Ucmd.structure(IommufdIoctl.HWPT_ALLOC)
                        .set("flags", flags)
                        .set("dev_id", devId)
                        .set("pt_id", ptId)
                        .set("data_type", data.type())
                        .set("data_len", data.length())
                        .set("data_uptr", data.address())));
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

    private Viommu viommu() {
        return (Viommu) pt.require();
    }

    private Call<?> allocatePaging() {
        boolean parent = (flags() & NEST_PARENT) != 0;
        return HwptPagingAlloc.call(
                (Ioas) pt.require(),
                idev.require().dev().master(),
                parent ? IommuDriver.ALLOC_NEST_PARENT : 0,
                parent,
                null,
                null,
                paging);
    }

    private int allocateNested() {
        HwptNested made = new HwptNested(viommu(), viommu().driver());
        int error = reserve(NAME, made);
        if (error == 0) {
            hwpt.set(made);
        }
        return error;
    }

    /** {@code out_hwpt_id}; after success. */
    public int outHwptId() {
        return hwpt.require().id();
    }
}
