package org.iommusim.hw.driver;

import org.iommusim.sim.program.Call;
import org.iommusim.sim.world.RefCell;
import org.jspecify.annotations.Nullable;

/**
 * The guest kernel's driver of its virtual IOMMU, vendor by vendor: it writes the guest's own tables into guest memory, in
 * the vendor's layout, and its own invalidation commands. The VMM sees what traps: changed configuration entries (which
 * become a nested HWPT) and invalidation commands (which become IOMMU_HWPT_INVALIDATE).
 *
 * <p>One guest IOMMU has one stage-1 address space per virtual device id, and what {@link #withPasid} adds. Operations are programs that run on a vCPU.
 */
public interface GuestIommu {
    /**
     * The guest's driver binds a device: builds an empty stage-1 table and the configuration that points to it.
     *
     * @param virtualId the id of the device as the guest numbers it
     */
    Call<?> attach(long virtualId);

    /**
     * The guest's driver lets a device go: the configuration entry aborts afterwards. {@code commands} gets the
     * invalidations that the guest sends (its configuration caches and TLBs).
     */
    Call<?> detach(long virtualId, RefCell<UserData> commands);

    /** Frees the tables of a detached device: only after the invalidations of {@link #detach} are complete. */
    Call<?> freeTables(long virtualId);

    /** Maps guest I/O virtual addresses to guest physical ones in the device's stage-1 table. Error: EEXIST. */
    Call<?> map(long virtualId, long iova, long guestPhysical, long bytes, int protection);

    /** Unmaps; {@code commands} gets the invalidations that must complete before the pages may be reused. */
    Call<?> unmap(long virtualId, long iova, long bytes, RefCell<UserData> commands);

    /**
     * What the VMM reads from the guest's configuration entry of this device, in the form that IOMMU_HWPT_ALLOC takes
     * ({@code IOMMU_HWPT_DATA_*}); {@link UserData#NONE} if there is nothing that a nested HWPT could be made of.
     */
    UserData hwptData(long virtualId);

    /** Type of the vIOMMU object that a VMM allocates for such a guest ({@code IOMMU_VIOMMU_TYPE_*}). */
    int viommuType();

    /**
     * The same driver for one PASID of each device: further address spaces, with tables of their own. {@code null} if it
     * cannot do PASIDs.
     *
     * @param pasid from 1
     */
    default @Nullable GuestIommu withPasid(int pasid) {
        return null;
    }

    /** Bytes of one entry of an invalidation array. */
    int invalidationEntryLength();
}
