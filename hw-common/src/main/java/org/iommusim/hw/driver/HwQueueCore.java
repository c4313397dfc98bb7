package org.iommusim.hw.driver;

/** What the object model offers to a driver's hardware queue ({@code struct iommufd_hw_queue}). */
public interface HwQueueCore {
    /** Its vIOMMU. */
    ViommuCore viommu();

    /** {@code IOMMU_HW_QUEUE_TYPE_*}. */
    int queueType();

    /** {@code base_addr}: where the queue lies in the nesting parent's address space. */
    long baseAddr();

    /** Its bytes. */
    long length();

    /**
     * {@code iommufd_hw_queue_depend}: keeps {@code other} from being destroyed before this one. Errors: EINVAL (it belongs
     * to another vIOMMU).
     */
    int dependOn(HwQueueCore other);

    /** {@code iommufd_hw_queue_undepend}: gives {@link #dependOn} back. */
    void undependOn(HwQueueCore other);
}
