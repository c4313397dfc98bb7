package org.iommusim.hw.iommu;

/**
 * A PCIe function with an address translation cache, as its IOMMU sees it: where invalidation requests and page responses
 * are sent to. They take their time on the link; the answers come back through {@link IommuDevice#invalidated}. A function
 * that is gone never answers.
 */
public interface AtsEndpoint {
    /** Requester id of the function. */
    int requesterId();

    /** How many invalidation requests it takes at a time, 1 to 32. */
    int invalidateQueueDepth();

    /**
     * Sends an invalidation request.
     *
     * @param tag ITag, 0 to 31
     * @param pasid whose entries, or {@link org.iommusim.hw.dma.DmaRequest#NO_PASID}: without a prefix, all PASIDs'
     * @param global entries of all PASIDs (PCIe: the message affects all PASID values); only with a PASID
     * @param address first byte, aligned to the size
     * @param shift log2 of the size in bytes, 12 to 64
     */
    void invalidate(int tag, int pasid, boolean global, long address, int shift);

    /** Sends a page request group response; {@code pasid} below 0: without prefix. */
    void respond(int group, int pasid, PageResponse response);
}
