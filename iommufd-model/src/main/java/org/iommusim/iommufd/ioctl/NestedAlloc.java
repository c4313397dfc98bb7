package org.iommusim.iommufd.ioctl;

import org.iommusim.hw.driver.Errno;
import org.iommusim.hw.driver.IommuDomain;
import org.iommusim.hw.driver.UserData;
import org.iommusim.iommufd.device.Idev;
import org.iommusim.iommufd.device.Viommu;
import org.iommusim.iommufd.object.IommufdObject;
import org.iommusim.iommufd.object.ObjectPrograms;
import org.iommusim.iommufd.pt.HwPagetable;
import org.iommusim.iommufd.pt.HwptNested;
import org.iommusim.iommufd.pt.HwptPaging;
import org.iommusim.iommufd.pt.HwptPagingAlloc;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Frame;
import org.iommusim.sim.program.HostCost;
import org.iommusim.sim.program.Program;
import org.iommusim.sim.program.Undo;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * {@code iommufd_hwpt_nested_alloc} and {@code iommufd_viommu_alloc_hwpt_nested} of hw_pagetable.c: makes a nested HWPT that
 * is not published yet.
 */
final class NestedAlloc extends Frame {
    private static final int VALID_FLAGS = HwptPagingAlloc.FAULT_ID_VALID | HwptPagingAlloc.PASID;

    private static final Program<NestedAlloc> ON_PARENT = allocate(
                    Program.<NestedAlloc>named("iommufd_hwpt_nested_alloc")
                            .check(
                                    "flags, data, driver",
                                    Footprint.of(IommufdObject.LIFE),
                                    NestedAlloc::supportedOnParent,
                                    Errno.EOPNOTSUPP)
                            .check(
                                    "a nesting parent of this driver",
                                    Footprint.of(HwptPaging.AUTO, IommufdObject.LIFE),
                                    NestedAlloc::isParent,
                                    Errno.EINVAL))
            .invoke("domain_alloc_nested", NestedAlloc::domainAllocNested)
            .step("hwpt->domain = domain", HostCost.FREE, Footprint.of(HwPagetable.DOMAIN), NestedAlloc::setDomain)
            .build();

    private static final Program<NestedAlloc> ON_VIOMMU = allocate(
                    Program.<NestedAlloc>named("iommufd_viommu_alloc_hwpt_nested")
                            .check("flags and data", NestedAlloc::supported, Errno.EOPNOTSUPP))
            .invoke("alloc_domain_nested", NestedAlloc::allocDomainNested)
            .step("hwpt->domain = domain", HostCost.FREE, Footprint.of(HwPagetable.DOMAIN), NestedAlloc::setDomain)
            .build();

    private final IommufdObject base;
    private final @Nullable Idev idev;
    private final int flags;
    private final UserData data;
    private final RefCell<HwPagetable> result;
    private final RefCell<IommuDomain> domain = ref();

    private NestedAlloc(
            IommufdObject base, @Nullable Idev idev, int flags, UserData data, RefCell<HwPagetable> result) {
        super(base.ctx().kernel().world());
        this.base = base;
        this.idev = idev;
        this.flags = flags;
        this.data = data;
        this.result = result;
    }

    private static Program.Builder<NestedAlloc> allocate(Program.Builder<NestedAlloc> program) {
        return program.take(
                        "iommufd_object_alloc",
                        HostCost.ALLOCATE,
                        ObjectPrograms.ENTRY,
                        NestedAlloc::reserve,
                        Undo.onFailureCall("abort hwpt", f -> ObjectPrograms.abortAndDestroy(f.result.require())))
                .step("base users++", ObjectPrograms.USERS, f -> f.base.usersInc("IOMMU_HWPT_ALLOC"));
    }

    /**
     * On a parent HWPT, without a vIOMMU. Errors: EOPNOTSUPP (flags, no data, the driver cannot), EINVAL (no nesting parent,
     * or of another driver), ENOMEM, those of the driver.
     *
     * @param result gets the HWPT, reserved
     */
    static Call<?> onParent(HwptPaging parent, Idev idev, int flags, UserData data, RefCell<HwPagetable> result) {
        return new Call<>(ON_PARENT, new NestedAlloc(parent, idev, flags, data, result));
    }

    /**
     * On a vIOMMU. Errors: EOPNOTSUPP (flags, no data), ENOMEM, those of the driver.
     *
     * @param result gets the HWPT, reserved
     */
    static Call<?> onViommu(Viommu viommu, int flags, UserData data, RefCell<HwPagetable> result) {
        return new Call<>(ON_VIOMMU, new NestedAlloc(viommu, null, flags, data, result));
    }

    private boolean supported() {
        return (flags & ~VALID_FLAGS) == 0 && data.length() != 0;
    }

    private boolean supportedOnParent() {
        return supported() && device().dev().driver().hasDomainAllocNested();
    }

    private Idev device() {
        if (idev == null) {
            throw new IllegalStateException("a vIOMMU's HWPTs have no device");
        }
        return idev;
    }

    private boolean isParent() {
        HwptPaging parent = (HwptPaging) base;
        return !parent.autoDomain()
                && parent.nestParent()
                && parent.driver() == device().dev().driver();
    }

    private int reserve() {
        int injected = base.ctx().kernel().faults().errno("IOMMU_HWPT_ALLOC", "iommufd_object_alloc");
        if (injected == 0) {
            boolean pasid = (flags & HwptPagingAlloc.PASID) != 0;
            HwptNested made = base instanceof Viommu viommu
                    ? new HwptNested(viommu, viommu.hwpt(), viommu.driver(), pasid)
                    : new HwptNested(base, (HwptPaging) base, device().dev().driver(), pasid);
            base.ctx().objects().reserve(made);
            result.set(made);
        }
        return injected;
    }

    private Call<?> domainAllocNested() {
        HwptPaging parent = (HwptPaging) base;
        return parent.driver().domainAllocNested(device().dev().master(), parent.paging(), driverFlags(), data, domain);
    }

    private Call<?> allocDomainNested() {
        return ((Viommu) base).driverPart().require().allocDomainNested(driverFlags(), data, domain);
    }

    private int driverFlags() {
        return flags & ~HwptPagingAlloc.FAULT_ID_VALID;
    }

    private void setDomain() {
        result.require().domain().set(domain.require());
    }
}
