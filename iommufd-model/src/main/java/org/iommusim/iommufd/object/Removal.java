package org.iommusim.iommufd.object;

/** How an object left the object array. */
public enum Removal {
    /** By its id, as IOMMU_DESTROY does. */
    BY_ID,
    /** The kernel removed an object that it knew, and its id is free. */
    BY_KERNEL,
    /** The kernel removed an object that it knew, and its id stays taken. */
    TOMBSTONE,
    /** With its context. */
    RELEASE
}
