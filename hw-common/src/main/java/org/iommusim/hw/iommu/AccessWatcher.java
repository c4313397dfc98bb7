package org.iommusim.hw.iommu;

/** What checkers hear of accesses that an IOMMU lets pass to memory; they watch and never change a result. */
public interface AccessWatcher {
    /**
     * An access that came untranslated has its translation.
     *
     * @param requesterId of the function that makes it
     * @param stage1 true if stage 1 had a part in it
     * @param stage2 true if stage 2 had
     */
    void passes(IommuDevice iommu, int requesterId, boolean stage1, boolean stage2);
}
