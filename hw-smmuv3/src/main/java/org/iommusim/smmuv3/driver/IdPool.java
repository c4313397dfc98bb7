package org.iommusim.smmuv3.driver;

import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.World;

/** ASIDs or VMIDs: always the lowest free one, from 1; 0 is what streams without one use. */
final class IdPool {
    /** Answer when all are given out. */
    static final int NONE = -1;

    private static final int MOST = 1 << 16;

    private final IntArrayCell used;

    IdPool(World world) {
        used = new IntArrayCell(world, Touches.IDS, world.nextInstance(), MOST / 32);
    }

    /** The lowest free id up to {@code last}, or {@link #NONE}. */
    int allocate(int last) {
        for (int id = 1; id <= last; id++) {
            int bits = used.get(id / 32);
            if (bits == -1) {
                id |= 31;
            } else if ((bits & 1 << id % 32) == 0) {
                used.set(id / 32, bits | 1 << id % 32);
                return id;
            }
        }
        return NONE;
    }

    /** Gives an id back. */
    void free(int id) {
        used.set(id / 32, used.get(id / 32) & ~(1 << id % 32));
    }

    /** True if an id is given out. */
    boolean inUse(int id) {
        return (used.get(id / 32) & 1 << id % 32) != 0;
    }
}
