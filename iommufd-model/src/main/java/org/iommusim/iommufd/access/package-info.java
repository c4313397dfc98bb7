/**
 * In-kernel users of an address space ({@code struct iommufd_access}, device.c): drivers of devices without DMA of their own,
 * and the memory of hardware queues.
 *
 * <p>An {@link org.iommusim.iommufd.access.IommufdAccess} is an object without an ioctl: a driver creates it, attaches it to
 * an IOAS ({@link org.iommusim.iommufd.access.AccessIoas}), pins pages or copies bytes ({@link
 * org.iommusim.iommufd.access.AccessPin}, {@link org.iommusim.iommufd.access.AccessRw}) and destroys it ({@link
 * org.iommusim.iommufd.access.AccessLife}). While it exists its driver holds one users reference, so IOMMU_DESTROY of its id
 * answers EBUSY; while it is attached it holds one on the IOAS.
 *
 * <p>Assumption: {@link org.iommusim.iommufd.access.AccessOps#unmap} gives up every pin that overlaps the range before it
 * answers, and takes no lock that the driver holds while it destroys or detaches the access. Guarantee: after a detach or
 * replace nothing of the old IOAS is pinned, and {@code ioas_lock} is not held while the driver's operation runs, so it may
 * unpin. A pin that comes meanwhile answers ENOENT.
 *
 * <p>An access without operations is internal: the kernel uses it for a hardware queue. What it pins cannot be unmapped
 * (EBUSY), instead of making it let go.
 */
@NullMarked
package org.iommusim.iommufd.access;

import org.jspecify.annotations.NullMarked;
