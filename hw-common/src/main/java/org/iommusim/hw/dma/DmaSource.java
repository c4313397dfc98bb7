package org.iommusim.hw.dma;

/** Who offers requests to an IOMMU's door and can be refused. */
public interface DmaSource {
    /** Something that was refused may be offered again now; it may be refused again. */
    void retry();
}
