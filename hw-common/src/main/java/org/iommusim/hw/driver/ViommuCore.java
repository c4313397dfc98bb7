package org.iommusim.hw.driver;

import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** What the object model offers to a driver's vIOMMU: the vDEVICE table, and a place for events. */
public interface ViommuCore {
    /** What {@link #findDevice} and {@link #virtualIdOf} touch, for the footprints of a driver's steps. */
    Footprint LOOK_UP = Footprint.of(
            Variable.named("iommufd.viommu.vdevs"),
            Variable.named("iommufd.object.life"),
            Variable.named("device.iommu"));

    /** The lock of the table of vDEVICEs ({@code xa_lock} of {@code viommu->vdevs}): a spinlock. */
    Lock vdevsLock();

    /**
     * {@code iommufd_viommu_find_dev}: the master behind a virtual id; {@code null} if there is no vDEVICE. Call with {@link
     * #vdevsLock} held.
     */
    @Nullable
    IommuMaster findDevice(long virtualId);

    /** {@code iommufd_viommu_get_vdev_id}: the virtual id of a device; -1 if it has no vDEVICE here. */
    long virtualIdOf(IommuMaster master);

    /** {@code iommufd_viommu_report_event}: an event for user space; dropped if nobody allocated a queue of this type. */
    void reportEvent(int type, long[] payload);
}
