package org.iommusim.hw.dma;

/** Told when a request reaches the next owner on its way. */
public interface DmaCompletion {
    /**
     * The request's part with the callee is over: its outcome (and, for a translation, its physical address) is set.
     * Called exactly once per request and hand-over, in the event in which it happens.
     */
    void completed(DmaRequest request);
}
