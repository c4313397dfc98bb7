/**
 * Devices in an iommufd context: binding, attaching, vIOMMUs, vDEVICEs and hardware queues, over the groups of the IOMMU core.
 *
 * <p>A {@link org.iommusim.iommufd.device.HostDevice} is the kernel's {@code struct device} with its {@code dev->iommu}; it
 * belongs to an {@link org.iommusim.iommufd.device.IommuGroup}. Binding it to a context makes an {@link
 * org.iommusim.iommufd.device.Idev} in an {@link org.iommusim.iommufd.device.IommufdGroup}. A {@link
 * org.iommusim.iommufd.device.Viommu} is a VM's slice of an IOMMU, and a {@link org.iommusim.iommufd.device.Vdevice} a
 * device as that VM numbers it.
 *
 * <p>The hard part is unbinding a device while user space still has a vDEVICE of it, because unbinding cannot fail. Kernels
 * differ in this; {@link org.iommusim.iommufd.device.VdevicePrograms} and {@link
 * org.iommusim.iommufd.device.IdevPrograms} have what each of them does. In Linux 7.3 the
 * vDEVICE keeps the temporary reference with which it found the idev. Unbinding therefore sees {@code wait_cnt} above zero,
 * and {@code pre_destroy} destroys the vDEVICE and leaves a tombstone at its id, so that the id that user space still knows
 * never names another object. Who runs against whom:
 *
 * <ul>
 *   <li>IOMMU_VDEVICE_ALLOC against unbind: both take {@code igroup->lock}; who comes second sees the other's mark ({@code
 *       idev->destroying}, {@code idev->vdev});
 *   <li>IOMMU_DESTROY of the vDEVICE against unbind: only one of them gets users from 1 to 0; {@code
 *       iommufd_object_try_inc_users} tells unbind whether it may try. If not, unbind waits until the destroyer has put the
 *       idev, which it does after its last touch of the igroup.
 * </ul>
 *
 * <h2>Attaching</h2>
 *
 * Three layers, each with a lock of its own. {@code igroup->lock}: which HWPT a group and each of its PASIDs have, and by
 * which devices. {@code group->mutex} of the IOMMU core: the domain of each device, and the handle of each attachment in the
 * group's {@code pasid_array}. The driver below. The fault path reads the {@code pasid_array} without any of these locks:
 * a handle is stored there only when its domain is in, and is freed after the domain is out and its faults are answered.
 *
 * <p>A group is attached once, by its first device; the others only count. A replace moves all of them. PASIDs need HWPTs
 * that were made for it, on the device as well, in whichever order they come.
 *
 * <h2>What Linux 7.3 does wrong here</h2>
 *
 * Each has a test that shows it:
 *
 * <ul>
 *   <li>an allocation of a vDEVICE releases {@code igroup->lock} when the reference that keeps the igroup is the vDEVICE's
 *       already: an unbind that waits for the lock may free it before the allocation has left mutex_unlock ({@code
 *       RaceTest});
 *   <li>the handle of a group's attachment names the device that was attached first. If that one is gone, the faults of its
 *       siblings are read with the id of a freed object ({@code GroupTest});
 *   <li>a replace within one IOAS that fails gives the devices' reserved addresses back, although they have not left
 *       ({@code ReservedIovaTest});
 *   <li>a report that has found its handle when the attachment ends is answered by nobody, or touches freed memory, unless
 *       the driver drains in time; and a device that leaves its fault queue frees groups that their handler is about to take
 *       over ({@code EventqRaceTest});
 *   <li>the destroy of an event queue lets its vIOMMU go before it has left the semaphore that is part of the vIOMMU ({@code
 *       EventqRaceTest}).
 * </ul>
 */
@NullMarked
package org.iommusim.iommufd.device;

import org.jspecify.annotations.NullMarked;
