package org.iommusim.amdvi;

import org.iommusim.hw.control.InvalidationProgress;

/** What the command buffer works on: the unit's caches and the requests under way. */
interface InvalidationTarget extends InvalidationProgress {
    /** A legal command about translations, interrupts or device TLBs is about to take effect, here or elsewhere. */
    void issued(long w0, long w1);

    /**
     * A legal command invalidates what the unit itself has cached: now, everywhere. It is one of INVALIDATE_DEVTAB_ENTRY,
     * INVALIDATE_IOMMU_PAGES, INVALIDATE_INTERRUPT_TABLE and INVALIDATE_IOMMU_ALL.
     */
    void invalidate(long w0, long w1);

    /** A legal PREFETCH_IOMMU_PAGES asks for translations ahead; it is a hint, and nothing waits for it. */
    void prefetch(long w0, long w1);

    /** The command buffer has been switched off: what a hint has not begun yet is given up. */
    void stopPrefetching();
}
