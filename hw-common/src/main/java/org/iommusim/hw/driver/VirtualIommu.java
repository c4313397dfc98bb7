package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.RefCell;

/** A driver's part of a vIOMMU object ({@code iommufd_viommu_ops}). */
public interface VirtualIommu {
    /** Releases the driver's part; no vDEVICE or nested domain is left. */
    Call<?> destroy();

    /**
     * {@code alloc_domain_nested}: a domain from user space's description of stage 1. Errors: EOPNOTSUPP (data type),
     * EINVAL (length), EIO (a value that the hardware may not be given).
     */
    Call<?> allocDomainNested(UserData data, RefCell<IommuDomain> result);

    /** {@code vdevice_init}: a device gets a virtual id here. Errors: EINVAL, EOPNOTSUPP. */
    Call<?> vdeviceInit(IommuMaster master, long virtualId);

    /** The driver's part of destroying a vDEVICE. */
    Call<?> vdeviceDestroy(IommuMaster master, long virtualId);

    /**
     * {@code cache_invalidate}: carries out an array of the guest's invalidation commands; virtual ids are translated to
     * physical ones.
     *
     * @param entryLength bytes of one entry
     * @param done gets the number of entries handled, also on an error
     */
    Call<?> cacheInvalidate(UserData array, int entryLength, IntCell done);
}
