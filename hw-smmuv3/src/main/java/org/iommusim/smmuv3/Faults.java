package org.iommusim.smmuv3;

/** Mistakes that tests build into a device, to see whether the checkers notice. A device as shipped has none. */
final class Faults {
    /** TLBI does not find entries larger than the smallest page. */
    boolean missesBlocks;
    /** TLBI_NH_ALL does not find entries of both stages. */
    boolean missesNested;
    /** An invalidation does not look at transactions under way: they may fill caches, and nobody waits for them. */
    boolean forgetsFlights;
    /** CMD_SYNC does not wait for transactions under way. */
    boolean syncDoesNotWait;
    /** CFGI_CD and CFGI_CD_ALL are taken and do nothing. */
    boolean forgetsContexts;
}
