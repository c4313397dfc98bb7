package org.iommusim.hw.driver;

import java.util.OptionalLong;
import org.iommusim.sim.program.Call;
import org.iommusim.sim.program.Footprint;
import org.iommusim.sim.program.Lock;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.jspecify.annotations.Nullable;

/** What the object model offers to a driver's vIOMMU: the vDEVICE table, and a place for events. */
public interface ViommuCore {
    /** Bytes of the core's part of a vIOMMU ({@code sizeof(struct iommufd_viommu)}); a driver's is at least as large. */
    int STRUCT_BYTES = 256;

    /** What {@link #findDevice} and {@link #virtualIdOf} touch, for the footprints of a driver's steps. */
    Footprint LOOK_UP = Footprint.of(
            Variable.named("iommufd.viommu.vdevs"),
            Variable.named("iommufd.vdevice.links"),
            Variable.named("iommufd.object.life"),
            Variable.named("device.iommu"));

    /** What {@link #allocMmap} and {@link #destroyMmap} touch. */
    Footprint MMAP = Footprint.of(Variable.named("iommufd.ctx.mmap"));

    /** The lock of the table of vDEVICEs ({@code xa_lock} of {@code viommu->vdevs}): a spinlock. */
    Lock vdevsLock();

    /**
     * {@code iommufd_viommu_find_dev}: the master behind a virtual id; {@code null} if there is no vDEVICE. Call with {@link
     * #vdevsLock} held.
     */
    @Nullable
    IommuMaster findDevice(long virtualId);

    /** {@code iommufd_viommu_get_vdev_id}: the virtual id of a device, any 64-bit number; empty if it has no vDEVICE here. */
    OptionalLong virtualIdOf(IommuMaster master);

    /**
     * {@code iommufd_viommu_report_event}: an event for user space. Errors: EOPNOTSUPP (nobody has a queue of this type: the
     * event is dropped). A full queue is no error.
     *
     * @param type {@code IOMMU_VEVENTQ_TYPE_*}
     * @param payload the event as user space will read it, little endian
     */
    Call<?> reportEvent(int type, byte[] payload);

    /**
     * A driver says, for checkers, that it now hands commands to the hardware for the devices that this call has looked up
     * ({@link #findDevice}).
     */
    default void issuing() {}

    /** A driver says, for checkers, that the first {@code entries} of a user's array are carried out and complete. */
    default void carriedOut(int entries) {}

    /**
     * A driver says, for checkers, that the hardware lets the VM reach a device without the kernel from now on, or that it
     * does so no longer.
     */
    default void reachedByVm(IommuMaster master, boolean reached) {}

    /** A driver says, for checkers, whose event it reports next, and under which virtual id. */
    default void reporting(IommuMaster master, long virtualId) {}

    /**
     * {@code iommufd_viommu_alloc_mmap}: offers pages of the hardware to user space. Errors: EOPNOTSUPP, ENOMEM.
     *
     * @param offset gets the offset for mmap, a multiple of the page size and never 0
     */
    default int allocMmap(long physicalAddress, long length, LongCell offset) {
        return Errno.EOPNOTSUPP;
    }

    /** {@code iommufd_viommu_destroy_mmap}: withdraws an offer of {@link #allocMmap}; nothing maps it any more. */
    default void destroyMmap(long offset) {}
}
