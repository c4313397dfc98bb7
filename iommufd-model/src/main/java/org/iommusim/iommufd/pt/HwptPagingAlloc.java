package org.iommusim.iommufd.pt;

import java.util.function.Function;
import org.iommusim.hw.driver.Capability;
import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.IommuDriver;
import org.iommusim.hw.driver.IommuMaster;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code iommufd_hwpt_paging_alloc}: makes a paging HWPT that is not published yet. The caller holds {@code ioas->mutex}
 * until it has published or aborted it.
 */
public final class HwptPagingAlloc extends Frame {
    /** {@code IOMMU_HWPT_ALLOC_NEST_PARENT}: nested HWPTs and vIOMMUs will be made on it. */
    public static final int NEST_PARENT = IommuDriver.ALLOC_NEST_PARENT;
    /** {@code IOMMU_HWPT_ALLOC_DIRTY_TRACKING}. */
    public static final int DIRTY_TRACKING = IommuDriver.ALLOC_DIRTY_TRACKING;
    /** {@code IOMMU_HWPT_FAULT_ID_VALID}: faults of what is attached go to a queue. */
    public static final int FAULT_ID_VALID = 4;
    /** {@code IOMMU_HWPT_ALLOC_PASID}: PASIDs may be attached to it, or to a device that is. */
    public static final int PASID = IommuDriver.ALLOC_PASID;

    private static final int VALID_FLAGS = NEST_PARENT | DIRTY_TRACKING | FAULT_ID_VALID | PASID;
    private static final Footprint LIST = Footprint.of(Ioas.HWPT_LIST);
    private static final Footprint DOMAIN = Footprint.of(HwPagetable.DOMAIN);

    private static final Program<HwptPagingAlloc> ALLOC = Program.<HwptPagingAlloc>named("iommufd_hwpt_paging_alloc")
            .check("valid flags", f -> (f.flags & ~VALID_FLAGS) == 0, Errno.EOPNOTSUPP)
            .check(
                    "device can track dirty pages",
                    f -> (f.flags & DIRTY_TRACKING) == 0
                            || f.master.driver().capable(f.master, Capability.DIRTY_TRACKING),
                    Errno.EOPNOTSUPP)
            .check(
                    "no faults on a nesting parent",
                    f -> (f.flags & FAULT_ID_VALID) == 0 || (f.flags & NEST_PARENT) == 0,
                    Errno.EOPNOTSUPP)
            .take(
                    "iommufd_object_alloc",
                    HostCost.ALLOCATE,
                    ObjectPrograms.ENTRY,
                    HwptPagingAlloc::allocate,
                    Undo.onFailureCall("abort hwpt", f -> ObjectPrograms.abortAndDestroy(f.hwpt())))
            .step("ioas users++", ObjectPrograms.USERS, f -> f.ioas.usersInc("iommufd_hwpt_paging_alloc"))
            .invoke(
                    "domain_alloc_paging_flags",
                    f -> f.hwpt()
                            .driver()
                            .domainAllocPagingFlags(f.master, f.flags & ~FAULT_ID_VALID, f.data, f.domain))
            .step(
                    "hwpt->domain = domain",
                    HostCost.FREE,
                    DOMAIN,
                    f -> f.hwpt().domain().set(f.domain.require()))
            .when(
                    "the device can enforce coherency",
                    f -> f.master.driver().capable(f.master, Capability.ENFORCE_CACHE_COHERENCY),
                    b -> b.step(
                            "iommufd_hwpt_paging_enforce_cc",
                            DOMAIN.and(HwptPaging.AUTO),
                            f -> f.hwpt()
                                    .enforceCacheCoherency(f.hwpt().paging().enforceCacheCoherency())))
            .when(
                    "immediate_attach",
                    f -> f.attach != null,
                    b -> b.invoke("iommufd_hw_pagetable_attach", HwptPagingAlloc::attachCall)
                            .take(
                                    "attached",
                                    HostCost.FREE,
                                    Footprint.LOCAL,
                                    f -> 0,
                                    Undo.onFailureCall("iommufd_hw_pagetable_detach", HwptPagingAlloc::detachCall)))
            .invoke(
                    "iopt_table_add_domain",
                    f -> IoptDomain.add(f.ioas.iopt(), f.hwpt().paging()))
            .step("list_add_tail hwpt_item", LIST, f -> f.ioas.hwptList().add(f.hwpt()))
            .build();

    private final IommufdCtx ctx;
    private final Ioas ioas;
    private final IommuMaster master;
    private final int flags;
    private final UserData data;
    private final @Nullable Function<HwptPaging, Call<?>> attach;
    private final @Nullable Function<HwptPaging, Call<?>> detach;
    private final RefCell<HwptPaging> result;
    private final RefCell<IommuDomain> domain = ref();

    private HwptPagingAlloc(
            Ioas ioas,
            IommuMaster master,
            int flags,
            UserData data,
            @Nullable Function<HwptPaging, Call<?>> attach,
            @Nullable Function<HwptPaging, Call<?>> detach,
            RefCell<HwptPaging> result) {
        super(ioas.ctx().kernel().world());
        ctx = ioas.ctx();
        this.ioas = ioas;
        this.master = master;
        this.flags = flags;
        this.data = data;
        this.attach = attach;
        this.detach = detach;
        this.result = result;
    }

    /**
     * Makes a HWPT. Errors: EOPNOTSUPP (flags), ENOMEM, those of the driver's domain_alloc_paging_flags, of {@code attach}, and of putting the
     * maps into it (EADDRINUSE, EFAULT, ENOMEM).
     *
     * @param flags {@code IOMMU_HWPT_ALLOC_*}
     * @param data the driver's part of the ioctl, or {@link UserData#NONE}
     * @param attach attaches a device before the maps are put in; {@code null}: none
     * @param detach takes that back
     * @param result gets the HWPT, reserved
     */
    public static Call<?> call(
            Ioas ioas,
            IommuMaster master,
            int flags,
            UserData data,
            @Nullable Function<HwptPaging, Call<?>> attach,
            @Nullable Function<HwptPaging, Call<?>> detach,
            RefCell<HwptPaging> result) {
        return new Call<>(ALLOC, new HwptPagingAlloc(ioas, master, flags, data, attach, detach, result));
    }

    private HwptPaging hwpt() {
        return result.require();
    }

    private int allocate() {
        int injected = ctx.kernel().faults().errno("iommufd_hwpt_paging_alloc", "iommufd_object_alloc");
        if (injected != 0) {
            return injected;
        }
        HwptPaging hwpt = new HwptPaging(ctx, ioas, master.driver(), (flags & NEST_PARENT) != 0, (flags & PASID) != 0);
        ctx.objects().reserve(hwpt);
        result.set(hwpt);
        return 0;
    }

    private @Nullable Call<?> attachCall() {
        return attach == null ? null : attach.apply(hwpt());
    }

    private Call<?> detachCall() {
        if (detach == null) {
            throw new IllegalStateException("an immediate attach without a detach");
        }
        return detach.apply(hwpt());
    }
}
