package org.iommusim.amdvi;

/** What the command buffer works on: the unit's caches and the requests under way. */
interface InvalidationTarget {
    /** A legal command about translations, interrupts or device TLBs is about to take effect, here or elsewhere. */
    void issued(long w0, long w1);

    /**
     * A legal command invalidates what the unit itself has cached: now, everywhere. It is one of INVALIDATE_DEVTAB_ENTRY,
     * INVALIDATE_IOMMU_PAGES, INVALIDATE_INTERRUPT_TABLE and INVALIDATE_IOMMU_ALL.
     */
    void invalidate(long w0, long w1);

    /** How many invalidations have taken effect since one had to wait for a request under way; 0 if none has. */
    int invalidations();

    /**
     * True while a request is under way for which one of the first so many invalidations has to wait; not to be asked for
     * this number again once it is false.
     */
    boolean awaited(int first);

    /** How many commands promise something of which software has not been told that it is complete. */
    int promises();

    /** Software is about to be told that the first so many of the {@link #promises} are kept. */
    void completed(String by, int first);
}
