/**
 * Devices in an iommufd context: binding, attaching, vIOMMUs and vDEVICEs, over the groups of the IOMMU core.
 *
 * <p>A {@link org.iommusim.iommufd.device.HostDevice} is the kernel's {@code struct device} with its {@code dev->iommu}; it
 * belongs to an {@link org.iommusim.iommufd.device.IommuGroup}. Binding it to a context makes an {@link
 * org.iommusim.iommufd.device.Idev} in an {@link org.iommusim.iommufd.device.IommufdGroup}. A {@link
 * org.iommusim.iommufd.device.Viommu} is a VM's slice of an IOMMU, and a {@link org.iommusim.iommufd.device.Vdevice} a
 * device as that VM numbers it.
 *
 * <p>The hard part is unbinding a device while user space still has a vDEVICE of it, because unbinding cannot fail. The
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
 */
@NullMarked
package org.iommusim.iommufd.device;

import org.jspecify.annotations.NullMarked;
