package org.iommusim.amdvi;

/** Mistakes that tests build into a device, to see whether the checkers notice. A device as shipped has none. */
final class Mistakes {
    /** INVALIDATE_IOMMU_PAGES does not find entries larger than the smallest page. */
    boolean missesLargePages;
    /** INVALIDATE_IOMMU_PAGES without GN does not find translations of guest tables under host tables. */
    boolean missesNested;
    /** An invalidation does not look at requests under way: they may fill caches, and nobody waits for them. */
    boolean forgetsFlights;
    /** COMPLETION_WAIT does not wait for requests under way. */
    boolean waitDoesNotDrain;
    /** INVALIDATE_IOMMU_PAGES with GN and PDE leaves GCR3 entries alone. */
    boolean forgetsGcr3;
    /** INVALIDATE_DEVTAB_ENTRY is taken and does nothing. */
    boolean forgetsEntries;
    /** INVALIDATE_INTERRUPT_TABLE is taken and does nothing. */
    boolean forgetsInterrupts;
    /** INVALIDATE_IOMMU_PAGES does not find what says that a page is not there. */
    boolean forgetsRefusals;
}
