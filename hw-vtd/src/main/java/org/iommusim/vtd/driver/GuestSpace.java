package org.iommusim.vtd.driver;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** What a guest's driver knows of one address space: a PASID of one device. */
final class GuestSpace implements Identified {
    private final long id;
    private final @Nullable GuestSpace next;
    /** Source id as the guest numbers it. */
    final int sid;
    /** The PASID; 0 for requests without. */
    final int pasid;
    /** Guest physical address of the first-stage table; 0 if there is none. */
    final LongCell root;
    /** The guest's domain id; 0 if there is none. */
    final IntCell did;
    /** 1 while its entry is present. */
    final IntCell attached;

    GuestSpace(World world, int sid, int pasid, @Nullable GuestSpace next) {
        this.sid = sid;
        this.pasid = pasid;
        this.next = next;
        id = world.nextInstance();
        root = new LongCell(world, Touches.GUEST, id, 0);
        did = new IntCell(world, Touches.GUEST, id + (1L << 40), 0);
        attached = new IntCell(world, Touches.GUEST, id + (2L << 40), 0);
    }

    /** A space in a list, or {@code null}. */
    static @Nullable GuestSpace find(@Nullable GuestSpace list, int sid, int pasid) {
        GuestSpace s = list;
        while (s != null && (s.sid != sid || s.pasid != pasid)) {
            s = s.next;
        }
        return s;
    }

    @Override
    public long stableId() {
        return id;
    }
}
