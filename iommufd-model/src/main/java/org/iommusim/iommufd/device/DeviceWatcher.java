package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.IommuMaster;

/** What checkers hear of devices, in the step in which it happens; they watch and never change a result. */
public interface DeviceWatcher {
    /** A task begins to unbind a device. */
    default void unbinds(Idev idev) {}

    /** A driver looks a virtual id up and finds this vDEVICE. */
    default void lookedUp(Viommu viommu, Vdevice vdev) {}

    /** A driver is about to hand commands to the hardware whose virtual ids this task has looked up. */
    default void issues(Viommu viommu) {}

    /** A driver reports an event of a device under a virtual id. */
    default void reports(Viommu viommu, IommuMaster master, long virtualId) {}

    /** The hardware lets a VM reach a device without the kernel from now on, or no longer. */
    default void reachedByVm(IommuMaster master, boolean reached) {}

    /** VFIO takes a device from its user: it stops its DMA, resets it, and will detach it. */
    default void disables(HostDevice device) {}

    /** The DMA of a device's group was claimed for it. */
    default void claimed(HostDevice device) {}

    /** A device's claim on the DMA of its group is given back; {@code claims} are left now, -1: there was none. */
    default void disclaimed(HostDevice device, int claims) {}
}
