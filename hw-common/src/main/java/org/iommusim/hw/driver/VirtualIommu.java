package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** A driver's part of a vIOMMU object ({@code iommufd_viommu_ops}). */
public interface VirtualIommu {
    /** Releases the driver's part; no vDEVICE or nested domain is left. */
    Call<?> destroy();

    /**
     * {@code alloc_domain_nested}: a domain from user space's description of stage 1. Errors: EOPNOTSUPP (flags, data type),
     * EINVAL (length), EFAULT (data), EIO (a value that the hardware may not be given).
     *
     * @param flags {@link IommuDriver#ALLOC_PASID}
     */
    Call<?> allocDomainNested(int flags, UserData data, RefCell<IommuDomain> result);

    /** {@code vdevice_init}: a device gets a virtual id here. Errors: EINVAL, EOPNOTSUPP. */
    Call<?> vdeviceInit(IommuMaster master, long virtualId);

    /** The driver's part of destroying a vDEVICE. */
    Call<?> vdeviceDestroy(IommuMaster master, long virtualId);

    /**
     * {@code cache_invalidate}: carries out an array of the guest's invalidation commands; virtual ids are translated to
     * physical ones. Errors: those of copying the array, EIO, EOPNOTSUPP, EINVAL.
     *
     * @param done gets the number of entries handled, also on an error
     */
    Call<?> cacheInvalidate(UserDataArray array, IntCell done);

    /** {@code get_hw_queue_size}: bytes that a hardware queue of a type takes; 0 if there is no such type: EOPNOTSUPP. */
    default int getHwQueueSize(int type) {
        return 0;
    }

    /**
     * {@code hw_queue_init_phys}: lets the hardware read a queue in guest memory by itself. Errors: EOPNOTSUPP, those of the
     * driver.
     *
     * @param index which of the vIOMMU's queues
     * @param physicalAddress where it lies
     * @param result gets the driver's part
     */
    default Call<?> hwQueueInitPhys(HwQueueCore queue, int index, long physicalAddress, RefCell<HwQueue> result) {
        return Unsupported.call(result.world());
    }
}
