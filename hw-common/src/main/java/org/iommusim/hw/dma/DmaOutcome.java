package org.iommusim.hw.dma;

/** How a DMA request ended. */
public enum DmaOutcome {
    /** Still on its way. */
    PENDING,
    /** Translated and carried out. */
    OK,
    /** Passed without translation and carried out. */
    BYPASS,
    /** Ended by the IOMMU; a fault record says why, unless it was suppressed. */
    FAULT,
    /** Ended by the IOMMU without any record, as the configuration asks. */
    ABORT,
    /** Translated, but there is no memory at the physical address. */
    BUS_ERROR,
    /** The device or its link went away first. */
    LOST,
    /** Ended by the IOMMU as if it had been carried out, as the configuration asks: a read gets zeros, a write is ignored. */
    RAZ_WI,
    /** A write that was an interrupt message: it left the IOMMU as {@link DmaRequest#messageAddress} and data, not for memory. */
    INTERRUPT,
    /** A write that was an interrupt message for a guest: the IOMMU has set it pending in the guest's interrupt controller. */
    POSTED;

    /** True if data was moved. */
    public boolean completed() {
        return this == OK || this == BYPASS;
    }

    /** True if the device gets an answer without an error, with data if it reads. */
    public boolean answersData() {
        return completed() || this == RAZ_WI;
    }
}
