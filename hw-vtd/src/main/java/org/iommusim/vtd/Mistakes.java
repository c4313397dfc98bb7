package org.iommusim.vtd;

/** Mistakes that tests build into a device, to see whether the checkers notice. A device as shipped has none. */
final class Mistakes {
    /** Invalidations of the IOTLB do not find entries larger than the smallest page. */
    boolean missesLargePages;
    /** A page-selective invalidation of the IOTLB does not find translations of both stages. */
    boolean missesNested;
    /** An invalidation does not look at requests under way: they may fill caches, and nobody waits for them. */
    boolean forgetsFlights;
    /** A wait descriptor does not wait for requests under way. */
    boolean waitDoesNotDrain;
    /** A PASID-selective invalidation of the PASID cache is taken and does nothing. */
    boolean forgetsPasids;
    /** An invalidation of interrupt entries is taken and does nothing. */
    boolean forgetsInterrupts;
    /** Invalidations of the IOTLB do not find what says that a page is not there. */
    boolean forgetsRefusals;
}
