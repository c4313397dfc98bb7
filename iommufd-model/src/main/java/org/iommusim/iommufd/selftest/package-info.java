/**
 * The kernel's own test device of iommufd (drivers/iommu/iommufd/selftest.c): a driver of an IOMMU without hardware, its
 * devices, and the operations of IOMMU_TEST_CMD that make and examine them.
 *
 * <p>{@link org.iommusim.iommufd.selftest.MockDriver} is an {@link org.iommusim.hw.driver.IommuDriver} like a vendor's. Its
 * paging domains have a page table of their own ({@link org.iommusim.iommufd.selftest.MockPageTable}: AMD's format with
 * pages of 2048 bytes), so that alignments below a CPU page can be tried; a nested domain is four pretended IOTLB entries;
 * a device has four pretended cache entries that only a vIOMMU invalidates. All devices sit behind one IOMMU and each is a
 * group of its own.
 *
 * <p>It is also the cheapest IOMMU for scenarios that care only about objects.
 */
@NullMarked
package org.iommusim.iommufd.selftest;

import org.jspecify.annotations.NullMarked;
