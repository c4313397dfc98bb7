/**
 * User processes and their memory: virtual memory areas, pinned pages, and what may be locked.
 *
 * <p>A {@link org.iommusim.iommufd.mm.Process} is the kernel's {@code mm_struct}. Its anonymous memory is backed by real
 * pages of the simulated machine; guest RAM is such an area of the VMM. IOMMU_IOAS_MAP pins pages, and device DMA ends in
 * them. A page that is unmapped while pinned stays until the last pin goes, as page references do in the kernel; any other
 * page that is given back while pinned is reported by {@link org.iommusim.sim.memory.PhysicalMemory}.
 *
 * <p>What may be locked: {@link org.iommusim.iommufd.mm.PinPayer} is who pays for a map's pages, and {@link
 * org.iommusim.iommufd.mm.AccountMode} says against which limit. A {@link org.iommusim.iommufd.mm.PageSource} is where a
 * map's pages come from.
 *
 * <p>Every method is one step of the program that calls it; {@link org.iommusim.iommufd.mm.Process#MM} is what it touches.
 */
@NullMarked
package org.iommusim.iommufd.mm;

import org.jspecify.annotations.NullMarked;
