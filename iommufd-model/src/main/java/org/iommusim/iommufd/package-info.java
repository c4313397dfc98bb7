/**
 * The Linux kernel's iommufd object model, the VFIO side that binds devices to it, and those who use them.
 *
 * <p>It knows IOMMU drivers only through {@code org.iommusim.hw.driver}; it never sees a vendor's class.
 */
@NullMarked
package org.iommusim.iommufd;

import org.jspecify.annotations.NullMarked;
