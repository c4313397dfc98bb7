package org.iommusim.iommufd.actor;

import org.iommusim.iommufd.object.IommufdCtx;
import org.iommusim.sim.world.Identified;
import org.jspecify.annotations.Nullable;

/**
 * Where a VMM sends trapped invalidation commands: an immutable list, of which the entry for a guest address space counts
 * more than the one for all.
 *
 * @param ctx the context of the object
 * @param id of a vIOMMU, or of a nested HWPT
 * @param virtualId whose commands: of this device; {@link #ALL}: of all
 * @param pasid and of this PASID of it; 0: of requests without
 * @param next the rest of the list
 */
record TrapTarget(
        IommufdCtx ctx,
        long id,
        long virtualId,
        int pasid,
        @Nullable TrapTarget next) implements Identified {
    /** Commands of all devices. */
    static final long ALL = -1;

    /** The target for an address space, or {@code null}. */
    static @Nullable TrapTarget find(@Nullable TrapTarget list, long virtualId, int pasid) {
        TrapTarget all = null;
        for (TrapTarget t = list; t != null; t = t.next) {
            if (t.virtualId == virtualId && t.pasid == pasid) {
                return t;
            }
            all = t.virtualId == ALL ? t : all;
        }
        return all;
    }

    /** A list without the entry for an address space. */
    static @Nullable TrapTarget without(@Nullable TrapTarget list, long virtualId, int pasid) {
        if (list == null || list.virtualId == virtualId && list.pasid == pasid) {
            return list == null ? null : list.next;
        }
        return new TrapTarget(list.ctx, list.id, list.virtualId, list.pasid, without(list.next, virtualId, pasid));
    }

    @Override
    public long stableId() {
        long here = (ctx.stableId() * 31 + id) * 31 + virtualId * 31 + pasid;
        return (next == null ? 7 : next.stableId()) * 1_000_003 + here;
    }
}
