package org.iommusim.hw.driver;

/**
 * What IOMMU_GET_HW_INFO tells.
 *
 * @param type {@code IOMMU_HW_INFO_TYPE_*}
 * @param data the vendor's structure
 * @param capabilities bits {@code IOMMU_HW_CAP_*}
 * @param maxPasidLog2 width of PASIDs, 0 without PASID
 */
public record HwInfo(int type, byte[] data, long capabilities, int maxPasidLog2) {
    /** {@code IOMMU_HW_INFO_TYPE_DEFAULT}: whatever the driver has. */
    public static final int TYPE_DEFAULT = 0;

    /** Capability: HWPTs with dirty tracking. */
    public static final long CAP_DIRTY_TRACKING = 1;
    /** Capability: PASIDs with execute permission. */
    public static final long CAP_PCI_PASID_EXEC = 1 << 1;
    /** Capability: PASIDs with privileged mode. */
    public static final long CAP_PCI_PASID_PRIV = 1 << 2;
    /** Capability (that is missing): ATS. */
    public static final long CAP_PCI_ATS_NOT_SUPPORTED = 1 << 3;
}
