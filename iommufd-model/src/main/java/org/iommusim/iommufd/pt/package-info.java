/**
 * What a device can be attached to: I/O address spaces and hardware page tables.
 *
 * <p>An {@link org.iommusim.iommufd.pt.Ioas} maps I/O virtual addresses to memory of a process. Each {@link
 * org.iommusim.iommufd.pt.HwptPaging} on it has a domain of an IOMMU driver that holds the same maps; each {@link
 * org.iommusim.iommufd.pt.HwptNested} has a domain whose tables belong to a guest.
 *
 * <p>Locks, outermost first, as in io_pagetable.c: {@code ioas->mutex} (the list of HWPTs), {@code domains_rwsem} (read by
 * map and unmap, written by adding and removing a domain), {@code iova_rwsem} (the areas), {@code pages->mutex} (one map's
 * pins).
 *
 * <p>Pins: the first domain that gets an area pins its pages, the last one that loses it unpins them, and always after the
 * {@code iotlb_sync} of every domain: until then a device may still reach the pages by what its IOMMU has cached.
 */
@NullMarked
package org.iommusim.iommufd.pt;

import org.jspecify.annotations.NullMarked;
