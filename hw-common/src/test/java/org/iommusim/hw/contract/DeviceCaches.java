package org.iommusim.hw.contract;

/** Invalidations of functions' translation caches. */
public interface DeviceCaches {
    /**
     * Puts an invalidation of what a function has cached into the queue.
     *
     * @param pasid or {@link org.iommusim.hw.dma.DmaRequest#NO_PASID}
     * @param shift log2 of the bytes, from 12; the address is aligned to them
     */
    void invalidate(int function, int pasid, long address, int shift);

    /** True if the hardware says that a function has not answered in time. */
    boolean timedOut();

    /** What software does so that the queue goes on after that. */
    void recover();
}
