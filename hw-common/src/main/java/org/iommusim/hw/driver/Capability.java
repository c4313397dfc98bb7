package org.iommusim.hw.driver;

/** What a driver can tell of a device's way through the IOMMU: the kernel's {@code enum iommu_cap}. */
public enum Capability {
    /** DMA with the right attributes snoops the CPU's caches. Without it a device cannot be bound. */
    CACHE_COHERENCY,
    /** {@link PagingDomain#enforceCacheCoherency} works for domains of this device. */
    ENFORCE_CACHE_COHERENCY,
    /** Domains can note which pages a device has written. */
    DIRTY_TRACKING,
    /** The IOMMU serves ATS requests of this device. */
    PCI_ATS_SUPPORTED
}
