package org.iommusim.hw.pcie;

import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.Variable;
import org.iommusim.sim.world.World;

/** Numbers the DMA requests of a run: 1, 2, 3, ... in the order of attempts. */
public final class RequestIds {
    private final LongCell last;

    /** Starts at 1. */
    public RequestIds(World world) {
        last = new LongCell(world, Variable.unhashed("pci.request-id"), 0, 0);
    }

    /** The next number. */
    public long next() {
        return last.add(1);
    }
}
