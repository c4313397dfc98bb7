package org.iommusim.amdvi.driver;

import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.memory.PhysicalMemory;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;

/** The driver's side of the event log or the PPR log: a ring of records of 16 bytes. */
final class LogRing {
    /** log2 of the entries: EVT_BUFFER_SIZE and PPR_LOG_SIZE are 8192 bytes. */
    private static final int LENGTH_LOG2 = 9;

    private static final int BYTES = Event.BYTES << LENGTH_LOG2;

    private final AmdIommu iommu;
    private final LongCell base;

    LogRing(AmdIommu iommu, World world) {
        this.iommu = iommu;
        base = new LongCell(world, Touches.LOGS, world.nextInstance(), 0);
    }

    /** Allocates the ring; false without memory. */
    boolean allocate() {
        int pages = BYTES / PhysicalMemory.PAGE_BYTES;
        long ring = iommu.host().pages().allocate(PageOwner.KERNEL, pages, pages);
        if (ring >= 0) {
            base.set(ring);
        }
        return ring >= 0;
    }

    /** Value of the base register. */
    long baseRegister() {
        return Reg.LEN.with(base.get(), LENGTH_LOG2);
    }

    /** A word of the record at an offset of the ring. */
    long word(long offset, int word) {
        return iommu.memory().read64(base.get() + offset + 8L * word);
    }

    /** Makes a record one that is not there yet. */
    void clear(long offset) {
        iommu.memory().write64(base.get() + offset, 0);
        iommu.memory().write64(base.get() + offset + 8, 0);
    }

    /** The offset behind one. */
    static long next(long offset) {
        return (offset + Event.BYTES) % BYTES;
    }
}
