package org.iommusim.hw.iommu;

import org.iommusim.hw.dma.DmaRequest;

/**
 * A page request message of a PCIe function.
 *
 * @param requesterId who asks
 * @param pasid for which address space, or {@link DmaRequest#NO_PASID}
 * @param address of the page; bits 11:0 are not sent
 * @param group page request group index, 0 to 511
 * @param last the last one of its group: the group is answered
 * @param read reading is wanted
 * @param write writing is wanted
 * @param execute executing is wanted; only with a PASID
 * @param privileged by a privileged entity; only with a PASID
 */
public record PageRequest(
        int requesterId,
        int pasid,
        long address,
        int group,
        boolean last,
        boolean read,
        boolean write,
        boolean execute,
        boolean privileged) {
    /** True if it is no request: it says that no more requests of the PASID are under way, and gets no answer. */
    public boolean stopMarker() {
        return pasid >= 0 && last && !read && !write;
    }
}
