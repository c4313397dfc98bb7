/**
 * What a device can be attached to: I/O address spaces and hardware page tables.
 *
 * <p>An {@link org.iommusim.iommufd.pt.Ioas} maps I/O virtual addresses to memory. Its {@link
 * org.iommusim.iommufd.pt.IoPagetable} (io_pagetable.c) knows three trees: areas, which are the maps; reserved ranges, each for
 * an owner, where nothing can be mapped; and allowed ranges, which only steer automatic placement. An area shows a slice of
 * an {@link org.iommusim.iommufd.pt.IoptPages} (pages.c): memory of a process, of a file or of a dma-buf. A copy into another
 * address space shares the pages, not the area.
 *
 * <p>Each {@link org.iommusim.iommufd.pt.HwptPaging} on it has a domain of an IOMMU driver that holds the same maps; each
 * {@link org.iommusim.iommufd.pt.HwptNested} has a domain whose tables belong to a guest. In-kernel users ({@link
 * org.iommusim.iommufd.pt.IoptAccess}) may pin pages too; an unmap makes them let go first, and one that must not is a lock
 * on the area.
 *
 * <p>Locks, outermost first, as in the kernel: {@code ioas->mutex} (the list of HWPTs), {@code domains_rwsem} (read by map and
 * unmap, written by whatever changes domains or accesses), {@code iova_rwsem} (the trees), {@code pages->mutex} (pins). An area
 * that is being made or taken away has no pages yet or any more, keeps its place in the tree without a lock, and makes
 * others answer EBUSY.
 *
 * <p>Pins: a page is pinned once while any area of any address space that has domains, or any access, covers it; whoever
 * covers it last unpins it, and always after the {@code iotlb_sync} of every domain: until then a device may still reach
 * the page by what its IOMMU has cached. It is accounted for after it was mapped, so EFAULT comes before ENOMEM.
 *
 * <p>All trees are {@link org.iommusim.iommufd.pt.IntervalTree}s: logarithmic, and taken back by one reference. Simplified:
 * the kernel pins and maps a large area in batches, here it is pinned as a whole and then mapped domain by domain.
 */
@NullMarked
package org.iommusim.iommufd.pt;

import org.jspecify.annotations.NullMarked;
