package org.iommusim.iommufd.actor;

import org.iommusim.iommufd.mm.Process;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;

/**
 * Where structures and buffers of one thread's system calls lie: memory of the process that no other thread of it uses,
 * mapped when it is first needed.
 */
final class Scratch {
    private static final long BYTES = 64 << 10;

    private final Process process;
    private final LongCell address;

    /**
     * Makes one that is not mapped yet.
     *
     * @param instance of the thread, see {@link Actor#stableId}
     */
    Scratch(World world, Process process, long instance) {
        this.process = process;
        address = new LongCell(world, Process.VMA, instance, 0);
    }

    /** Its virtual address. */
    long address() {
        if (address.get() == 0) {
            address.set(process.mmap(BYTES, false));
        }
        return address.get();
    }
}
