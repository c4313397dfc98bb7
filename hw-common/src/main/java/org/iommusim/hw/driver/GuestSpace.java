package org.iommusim.hw.driver;

import org.iommusim.sim.world.Identified;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;
import org.jspecify.annotations.Nullable;

/** What a guest's driver of an x86 IOMMU knows of one address space: a PASID of one device. */
public final class GuestSpace implements Identified {
    private final long id;
    private final @Nullable GuestSpace next;
    /** The device as the guest numbers it. */
    public final int sid;
    /** The PASID; 0 for requests without. */
    public final int pasid;
    /** Guest physical address of its first table; 0 if there is none. */
    public final LongCell root;
    /** The guest's domain id; 0 if there is none. */
    public final IntCell did;
    /** 1 while its entry is present. */
    public final IntCell attached;

    /** Makes one, in front of a list; {@code variable} is that of the guest driver's state. */
    public GuestSpace(World world, Variable variable, int sid, int pasid, @Nullable GuestSpace next) {
        this.sid = sid;
        this.pasid = pasid;
        this.next = next;
        id = world.nextInstance();
        root = new LongCell(world, variable, id, 0);
        did = new IntCell(world, variable, id + (1L << 40), 0);
        attached = new IntCell(world, variable, id + (2L << 40), 0);
    }

    /** A space in a list, or {@code null}. */
    public static @Nullable GuestSpace find(@Nullable GuestSpace list, int sid, int pasid) {
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
