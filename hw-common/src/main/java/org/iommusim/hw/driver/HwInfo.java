package org.iommusim.hw.driver;

/**
 * What IOMMU_GET_HW_INFO tells.
 *
 * @param type {@code IOMMU_HW_INFO_TYPE_*}
 * @param data the vendor's structure
 * @param capabilities bits {@code IOMMU_HW_CAP_*}
 * @param maxPasidLog2 width of PASIDs, 0 without PASID
 */
public record HwInfo(int type, byte[] data, long capabilities, int maxPasidLog2) {}
