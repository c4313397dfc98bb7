package org.iommusim.hw.driver;

import java.util.List;
import org.iommusim.hw.iommu.IommuDevice;
import org.iommusim.hw.pcie.PciFunction;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's driver of one physical IOMMU ({@code iommu_ops}). See the package page for how operations work. An operation
 * with a body here is one that a driver may lack: the body answers as the kernel does then.
 */
public interface IommuDriver {
    /** Flag of {@link #domainAllocPagingFlags}: nested domains will be made on it. */
    int ALLOC_NEST_PARENT = 1;
    /** Flag of {@link #domainAllocPagingFlags}: dirty tracking is wanted. */
    int ALLOC_DIRTY_TRACKING = 2;
    /** Flag of domain allocations: it will be attached to PASIDs, or to a device with PASIDs attached. */
    int ALLOC_PASID = 8;

    /** The cells that its operations write. */
    World world();

    /** The hardware that it drives. */
    IommuDevice device();

    /** Adds somebody who hears of fault records and messages. */
    void listen(DriverListener listener);

    /**
     * In which order its locks are taken, and where in the order of its callers' locks: chains of classes of locks, each from
     * the one that is taken first. For the checker of lock orders.
     */
    default List<List<String>> lockOrder() {
        return List.of();
    }

    /**
     * Where to report the page requests of a device that was just probed; a driver that never gets any need not remember it.
     */
    default void connect(IommuMaster master, FaultCore core) {}

    /**
     * {@code user_pasid_table}: user space may fill a device's PASID table itself, so that faults of PASIDs that the kernel
     * has not attached belong to the nested domain of the device.
     */
    default boolean userPasidTable() {
        return false;
    }

    /** Brings the hardware up; runs before anything else. Errors: ENODEV if the hardware cannot be driven. */
    Call<?> probe();

    /**
     * {@code probe_device}: a device appeared; afterwards it is attached to {@link #identityDomain} or {@link
     * #blockedDomain} as the driver's default. Errors: ENODEV, EINVAL (its id is out of range).
     */
    Call<?> probeDevice(PciFunction function, RefCell<IommuMaster> result);

    /** {@code release_device}: the device went away; the master is gone afterwards. */
    Call<?> releaseDevice(IommuMaster master);

    /** {@code capable}. Without the operation only the coherency that every device here has. */
    default boolean capable(IommuMaster master, Capability capability) {
        return capability == Capability.CACHE_COHERENCY;
    }

    /** {@code get_resv_regions}: what the address space of a device's domains must leave free. */
    default List<ReservedRegion> getResvRegions(IommuMaster master) {
        return List.of();
    }

    /** The domain that aborts everything. */
    IommuDomain blockedDomain();

    /** The domain that passes everything. */
    IommuDomain identityDomain();

    /**
     * {@code domain_alloc_paging_flags}. Errors: EOPNOTSUPP (flags, or the data's type), EINVAL, EFAULT (data), ENOMEM.
     *
     * @param data of {@code IOMMU_HWPT_ALLOC}; {@link UserData#NONE} if there is none
     */
    Call<?> domainAllocPagingFlags(IommuMaster master, int flags, UserData data, RefCell<IommuDomain> result);

    /** True if the driver has {@link #domainAllocNested}; iommufd asks before it looks at the parent. */
    default boolean hasDomainAllocNested() {
        return false;
    }

    /**
     * {@code domain_alloc_nested}: a nested domain directly on a nesting parent, without a vIOMMU. Errors: EOPNOTSUPP (flags,
     * the data's type), EINVAL, EFAULT.
     */
    default Call<?> domainAllocNested(
            IommuMaster master, PagingDomain parent, int flags, UserData data, RefCell<IommuDomain> result) {
        return Unsupported.call(world());
    }

    /** {@code free} of any domain that this driver allocated; nothing may be attached. */
    Call<?> domainFree(IommuDomain domain);

    /**
     * {@code attach_dev}: makes the master translate by another domain, without a moment of wrong translation. On an error
     * the old domain stays. Errors: EINVAL (foreign domain), ENOENT (a nested domain whose vIOMMU has no vDEVICE of this
     * device), ENOMEM.
     */
    Call<?> attachDev(IommuMaster master, IommuDomain domain);

    /**
     * {@code set_dev_pasid} of a domain: one PASID of the master translates by another domain. Detaching a PASID is this
     * operation of {@link #blockedDomain}. On an error the old domain stays. Errors: EOPNOTSUPP, EINVAL, ENOMEM.
     *
     * @param old what the PASID is attached to; {@code null} for nothing
     */
    default Call<?> setDevPasid(IommuMaster master, IommuDomain domain, int pasid, @Nullable IommuDomain old) {
        return Unsupported.call(world());
    }

    /**
     * What attaching a domain with a fault handler does first: the device joins the driver's fault queue
     * ({@code iopf_queue_add_device}); counted, in a variable below {@code device.iopf}. Errors: EOPNOTSUPP, ENODEV.
     */
    default int enableIopf(IommuMaster master) {
        return Errno.EOPNOTSUPP;
    }

    /**
     * True for a driver whose devices join the fault queue with any domain that could have page requests, and leave it when
     * they leave that domain: it calls {@link FaultCore#queueAddDevice} and {@link FaultCore#queueRemoveDevice} by itself.
     */
    default boolean ownsFaultQueue() {
        return false;
    }

    /** Takes one {@link #enableIopf} back: a domain with a fault handler was detached. */
    default void disableIopf(IommuMaster master) {}

    /**
     * {@code page_response}: answers the group of a page request.
     *
     * @param code {@link IommuFault#RESP_SUCCESS} and its like
     */
    default Call<?> pageResponse(IommuMaster master, IommuFault fault, int code) {
        return Unsupported.call(world());
    }

    /** {@code hw_info} in the driver's own format. */
    HwInfo hwInfo(IommuMaster master);

    /**
     * {@code hw_info} in the format that user space asks for; {@link HwInfo#TYPE_DEFAULT} is the driver's own.
     *
     * @return {@code null} if there is no such format: EOPNOTSUPP
     */
    default @Nullable HwInfo hwInfo(IommuMaster master, int type) {
        HwInfo own = hwInfo(master);
        return type == HwInfo.TYPE_DEFAULT || type == own.type() ? own : null;
    }

    /** The vIOMMU type number that this driver supports ({@code IOMMU_VIOMMU_TYPE_*}), or 0. */
    int viommuType();

    /** {@code get_viommu_size}: bytes that a vIOMMU of a type takes; 0 if there is no such type: EOPNOTSUPP. */
    default int getViommuSize(IommuMaster master, int type) {
        return type != 0 && type == viommuType() ? ViommuCore.STRUCT_BYTES : 0;
    }

    /**
     * {@code viommu_init}: a vIOMMU on this hardware over a nesting parent. Errors: EOPNOTSUPP (type), EINVAL (parent of
     * another IOMMU; data), EFAULT (data).
     *
     * @param data of {@code IOMMU_VIOMMU_ALLOC}, {@link UserData#NONE} if there is none; the driver may write answers back
     */
    Call<?> viommuInit(
            IommuMaster master,
            PagingDomain parent,
            int type,
            ViommuCore core,
            UserData data,
            RefCell<VirtualIommu> result);

    /**
     * A guest's view of this IOMMU for the guest kernel's driver; see {@link GuestIommu}. {@code null}: there is no guest
     * driver of this kind of IOMMU.
     */
    default @Nullable GuestIommu newGuest(GuestMemory memory, String name) {
        return null;
    }
}
