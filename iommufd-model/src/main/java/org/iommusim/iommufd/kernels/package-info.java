/**
 * The kernels that can be simulated, each put together from programs and rules ({@link
 * org.iommusim.iommufd.policy.LifecyclePolicy}). They differ in one question: what becomes of a vDEVICE whose device is
 * unbound.
 *
 * <ul>
 *   <li>{@code v5-posted}: it holds the idev, so unbind removes it first;
 *   <li>{@code v5-review}, {@code v5-review-literal}, {@code linux-6.13}: it holds the struct device only and stays until user
 *       space destroys it;
 *   <li>{@code zombie}: it stays, but unbind has cut it from its device;
 *   <li>{@code rfc1-auto-destroy}: unbind destroys it and its id is free;
 *   <li>{@code xu-v2}, {@code xu-v3}, {@code linux-6.17}, {@code linux-7.3}: unbind destroys it and leaves a tombstone. They
 *       differ in what happens if user space destroys it at the same time.
 * </ul>
 *
 * <p>What is not about that is the same in all of them and as in Linux 7.3: PASIDs, event queues, hardware queues, mmap,
 * faults, the layouts of the ioctls, the order in which VFIO closes a device, and the drivers. The kernels before 6.17 do not
 * call the driver for a vDEVICE. What these kernels did otherwise and is left out: in Linux 6.12 a detach reads the group's
 * page table before it takes the lock; the ids of objects are verified by every ioctl of v5, here by IOMMU_VDEVICE_ALLOC only;
 * the lock of rfc1-auto-destroy is released by an unbind only, not by an IOMMU_DESTROY of a device whose unbind had failed.
 */
@NullMarked
package org.iommusim.iommufd.kernels;

import org.jspecify.annotations.NullMarked;
