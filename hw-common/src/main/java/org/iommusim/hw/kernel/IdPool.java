package org.iommusim.hw.kernel;

import org.iommusim.sim.world.IntArrayCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/** Ids that hardware tags its caches with (the kernel's {@code ida}): always the lowest free one, never 0. */
public final class IdPool {
    /** Answer when all are given out. */
    public static final int NONE = -1;

    private static final int MOST = 1 << 16;

    private final IntArrayCell used;

    /** A pool of which nothing is given out, up to 65535. */
    public IdPool(World world, Variable variable) {
        used = new IntArrayCell(world, variable, world.nextInstance(), MOST / 32);
    }

    /** The lowest free id from {@code first} up to {@code last}, or {@link #NONE}. */
    public int allocate(int first, int last) {
        for (int id = first; id <= last; id++) {
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
    public void free(int id) {
        used.set(id / 32, used.get(id / 32) & ~(1 << id % 32));
    }

    /** True if an id is given out. */
    public boolean inUse(int id) {
        return (used.get(id / 32) & 1 << id % 32) != 0;
    }
}
