package org.iommusim.hw.dma;

/** Status of a translation completion. */
public enum CompletionStatus {
    /** There is an answer; it may grant nothing. */
    SUCCESS,
    /** Unsupported Request: the function may not ask. */
    UNSUPPORTED_REQUEST,
    /** Completer Abort: the IOMMU's configuration or tables are in error. */
    COMPLETER_ABORT
}
