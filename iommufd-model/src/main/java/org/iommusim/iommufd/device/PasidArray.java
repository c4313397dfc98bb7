package org.iommusim.iommufd.device;

import org.iommusim.hw.driver.Errno;
import org.iommusim.iommufd.eventq.AttachHandle;
import org.iommusim.iommufd.object.CellList;
import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/**
 * What a group and its PASIDs are attached to by their owner ({@code group->pasid_array}). Changed under {@code
 * group->mutex}; read by the fault path without it. Each method is one section under its {@code xa_lock}.
 */
final class PasidArray {
    /** The variable of all arrays. */
    static final Variable PASIDS = Variable.named("iommu.group.pasid_array");

    /** {@code IOMMU_NO_PASID}: what the requester id itself is attached to. */
    static final int NO_PASID = 0;

    private final World world;
    private final CellList<Entry> entries;

    PasidArray(World world) {
        this.world = world;
        entries = new CellList<>(world, PASIDS);
    }

    /** {@code xa_insert} of the zero entry: EBUSY if there is an entry. */
    int insert(int pasid) {
        if (entry(pasid) != null) {
            return Errno.EBUSY;
        }
        set(pasid, null);
        return 0;
    }

    /** {@code xa_reserve}: makes room if there is no entry. */
    void reserve(int pasid) {
        if (entry(pasid) == null) {
            set(pasid, null);
        }
    }

    /** {@code xa_release}: takes a reserved entry out, and nothing else. */
    void release(int pasid) {
        Entry entry = entry(pasid);
        if (entry != null && entry.handle == null) {
            entries.remove(entry);
        }
    }

    /** {@code xa_store}. */
    void store(int pasid, AttachHandle handle) {
        erase(pasid);
        set(pasid, handle);
    }

    /** {@code xa_erase}. */
    void erase(int pasid) {
        Entry entry = entry(pasid);
        if (entry != null) {
            entries.remove(entry);
        }
    }

    /** {@code iommu_attach_handle_get}: {@code null} if nothing is attached. */
    @Nullable
    AttachHandle load(int pasid) {
        Entry entry = entry(pasid);
        return entry == null ? null : entry.handle;
    }

    /** {@code xa_empty}. */
    boolean isEmpty() {
        return entries.isEmpty();
    }

    private @Nullable Entry entry(int pasid) {
        for (Entry entry : entries.items()) {
            if (entry.pasid == pasid) {
                return entry;
            }
        }
        return null;
    }

    private void set(int pasid, @Nullable AttachHandle handle) {
        entries.add(new Entry(pasid, handle, world.nextInstance()));
    }

    private record Entry(int pasid, @Nullable AttachHandle handle, long stableId) implements Identified {}
}
