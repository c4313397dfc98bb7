package org.iommusim.vtd.driver;

import org.iommusim.sim.memory.PageOwner;
import org.iommusim.sim.program.WaitQueue;
import org.iommusim.sim.world.IntCell;
import org.iommusim.sim.world.LongCell;
import org.iommusim.sim.world.World;
import org.iommusim.vtd.spec.PageReq;

/** The driver's side of the page request queue. */
final class PageRequests {
    /** PQA.PQS: 2^PQS pages. One page has 128 requests; nothing here asks for more at a time. */
    private static final int SIZE_LOG2 = 0;

    /** Bytes of the ring. */
    static final long BYTES = 0x1000L << SIZE_LOG2;

    private final IntelIommu iommu;
    private final LongCell base;
    private final IntCell completions;
    private final WaitQueue drained;

    PageRequests(IntelIommu iommu, World world, String name) {
        this.iommu = iommu;
        long id = world.nextInstance();
        base = new LongCell(world, Touches.PRQ, id, 0);
        completions = new IntCell(world, Touches.PRQ, id + (1L << 40), 0);
        drained = new WaitQueue(world, name + " prq_complete");
    }

    /** Allocates the ring; false without memory. */
    boolean allocate() {
        long page = iommu.host().pages().allocate(PageOwner.KERNEL, 1 << SIZE_LOG2, 1 << SIZE_LOG2);
        if (page < 0) {
            return false;
        }
        base.set(page);
        return true;
    }

    /** Value of PQA. */
    long baseRegister() {
        return base.get() | SIZE_LOG2;
    }

    /** A word of the request at an offset of the ring. */
    long word(long offset, int word) {
        return iommu.memory().read64(base.get() + offset + 8L * word);
    }

    /** The offset behind one. */
    static long next(long offset) {
        return (offset + PageReq.BYTES) % BYTES;
    }

    /** {@code prq_complete}: how often the thread has emptied the queue. */
    IntCell completions() {
        return completions;
    }

    /** Where tasks wait for that. */
    WaitQueue drained() {
        return drained;
    }
}
