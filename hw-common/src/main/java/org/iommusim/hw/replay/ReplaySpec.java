package org.iommusim.hw.replay;

/**
 * How a recording is played.
 *
 * @param recording the requests
 * @param outstanding at most so many in flight
 * @param orderIds request i belongs to ordering domain i mod so many
 * @param startPs when the first request is made, ps
 * @param cyclePs the device's cycle, ps: at most one new request in each
 * @param door the door of the IOMMU at which the device stands
 */
public record ReplaySpec(Recording recording, int outstanding, int orderIds, long startPs, long cyclePs, int door) {
    /** Checks ranges. */
    public ReplaySpec {
        if (outstanding < 1 || orderIds < 1 || startPs < 0 || cyclePs < 1 || door < 0) {
            throw new IllegalArgumentException("impossible replay");
        }
    }
}
