package org.iommusim.hw.driver;

import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;

/** The kernel's driver of one physical IOMMU ({@code iommu_ops}). See the package page for how operations work. */
public interface IommuDriver {
    /** Flag of {@link #domainAllocPaging}: nested domains will be made on it. */
    int ALLOC_NEST_PARENT = 1;
    /** Flag of {@link #domainAllocPaging}: dirty tracking is wanted. */
    int ALLOC_DIRTY_TRACKING = 2;

    /** The hardware that it drives. */
    IommuDevice device();

    /** Adds somebody who hears of fault records and messages. */
    void listen(DriverListener listener);

    /** Brings the hardware up; runs before anything else. Errors: ENODEV if the hardware cannot be driven. */
    Call<?> probe();

    /**
     * {@code probe_device}: a device appeared; afterwards it is attached to {@link #identityDomain} or {@link
     * #blockedDomain} as the driver's default. Errors: ENODEV, EINVAL (its id is out of range).
     */
    Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result);

    /** {@code release_device}: the device went away; the master is gone afterwards. */
    Call<?> releaseDevice(IommuMaster master);

    /** The domain that aborts everything. */
    IommuDomain blockedDomain();

    /** The domain that passes everything. */
    IommuDomain identityDomain();

    /** {@code domain_alloc_paging_flags}. Errors: EOPNOTSUPP for flags, ENOMEM. */
    Call<?> domainAllocPaging(IommuMaster master, int flags, RefCell<IommuDomain> result);

    /** {@code free} of any domain that this driver allocated; nothing may be attached. */
    Call<?> domainFree(IommuDomain domain);

    /**
     * {@code attach_dev}: makes the master translate by another domain, without a moment of wrong translation. On an error
     * the old domain stays. Errors: EINVAL (foreign domain), ENOENT (a nested domain whose vIOMMU has no vDEVICE of this
     * device), ENOMEM.
     */
    Call<?> attachDev(IommuMaster master, IommuDomain domain);

    /** {@code hw_info}. */
    HwInfo hwInfo(IommuMaster master);

    /** The vIOMMU type number that this driver supports ({@code IOMMU_VIOMMU_TYPE_*}), or 0. */
    int viommuType();

    /**
     * {@code viommu_init}: a vIOMMU on this hardware over a nesting parent. Errors: EOPNOTSUPP (type), EINVAL (parent of
     * another IOMMU).
     */
    Call<?> viommuInit(
            IommuMaster master, PagingDomain parent, int type, ViommuCore core, RefCell<VirtualIommu> result);

    /** A guest's view of this IOMMU for the guest kernel's driver; see {@link GuestIommu}. */
    GuestIommu newGuest(GuestMemory memory, String name);
}
