package org.iommusim.hw.conform;

/** The result of an access as an IOMMU with caches of any size may have kept it. */
public interface CachedResult {
    /** A command that is architecturally complete: from now on this may be forgotten by force. */
    void completed(long[] command);

    /**
     * True if the architecture allows the same access to get the same result from caches now: results of this kind may be
     * cached, and no completed command required all copies to be dropped.
     */
    boolean allowed();
}
