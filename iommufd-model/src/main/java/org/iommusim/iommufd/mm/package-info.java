/**
 * User processes and their memory: virtual memory areas, bytes, pinned pages, and what may be locked.
 *
 * <p>A {@link org.iommusim.iommufd.mm.Process} has areas over {@link org.iommusim.iommufd.mm.Backing}s: anonymous memory or
 * a file's pages, all of them pages of the simulated machine that come when they are touched first. Guest RAM is such an
 * area of the VMM. System calls copy their arguments and answers through the same pages ({@link
 * org.iommusim.hw.driver.UserMemory}), IOMMU_IOAS_MAP pins them, and device DMA ends in them.
 *
 * <p>A page that is unmapped while pinned belongs to nobody ({@code UNMAPPED}) and stays until the last pin goes, as page
 * references do in the kernel; any other page that is given back while pinned is reported by {@link
 * org.iommusim.sim.memory.PhysicalMemory}. A fork copies private pages at once, where the kernel waits for the first write.
 *
 * <p>What may be locked: {@link org.iommusim.iommufd.mm.PinPayer} is who pays for a map's pages, and {@link
 * org.iommusim.iommufd.mm.AccountMode} says against which limit. A {@link org.iommusim.iommufd.mm.PageSource} is where a
 * map's pages come from.
 *
 * <p>Every method is part of one step of the program that calls it; {@link org.iommusim.iommufd.mm.Process#MM} is what it
 * touches.
 */
@NullMarked
package org.iommusim.iommufd.mm;

import org.jspecify.annotations.NullMarked;
