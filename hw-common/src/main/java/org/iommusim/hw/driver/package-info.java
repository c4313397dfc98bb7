/**
 * The kernel's IOMMU driver as the rest of the kernel sees it: domains, masters, and the operations on them.
 *
 * <p>The operations are the kernel's ({@code iommu_ops}, {@code iommu_domain_ops}, {@code iommufd_viommu_ops}) under their
 * own names. Those that do work answer a {@link org.iommusim.sim.program.Call}: a program with its frame, which the caller
 * runs as part of its own program, so that the driver's steps interleave with everything else. Results are left in cells
 * that the caller passes in. Errors are negative errno values of {@link org.iommusim.hw.driver.Errno}.
 *
 * <p>An operation that a driver may lack has a body in the interface, which answers as the kernel does for a missing one
 * ({@link org.iommusim.hw.driver.Unsupported}, an empty list, {@code null} where the kernel looks for a null pointer).
 * Resetting a device needs no operation of its own: the core moves the device and its PASIDs to {@link
 * org.iommusim.hw.driver.IommuDriver#blockedDomain} and back.
 *
 * <p>A vendor implements {@link org.iommusim.hw.driver.IommuDriver}, {@link org.iommusim.hw.driver.VirtualIommu} and
 * {@link org.iommusim.hw.driver.GuestIommu}; the object model calls them and never sees a vendor's class. What drivers keep
 * in the same way is here too: {@link org.iommusim.hw.driver.StaticDomain}, {@link org.iommusim.hw.driver.DevPasid}, {@link
 * org.iommusim.hw.driver.GuestSpace}.
 */
@NullMarked
package org.iommusim.hw.driver;

import org.jspecify.annotations.NullMarked;
