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

    /** A group's DMA was claimed. */
    default void claimed(IommuGroup group) {}

    /** A claim on a group's DMA is given back; {@code claims} are left now, -1: there was none. */
    default void disclaimed(IommuGroup group, int claims) {}
}
