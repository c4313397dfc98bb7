package org.iommusim.amdvi;

import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AtsEndpoint;

/**
 * Commands that are messages to functions: INVALIDATE_IOTLB_PAGES and COMPLETE_PPR_REQUEST.
 *
 * <p>MaxPend says how many invalidations a function takes at a time (0: 32); QueueID is not looked at. One to a function that
 * is not there is sent all the same, and nobody answers it. An answer for which there is no function goes nowhere.
 */
final class DeviceMessages {
    private static final int PAGE_SHIFT = 12;

    private final AtcInvalidations atcs;
    private final boolean skipsNobody;

    /**
     * Finds functions where invalidations of their TLBs go.
     *
     * @param skipsNobody whether an invalidation of the TLB of a function that has none is complete at once
     */
    DeviceMessages(AtcInvalidations atcs, boolean skipsNobody) {
        this.atcs = atcs;
        this.skipsNobody = skipsNobody;
    }

    /** True if a command INVALIDATE_IOTLB_PAGES makes no request. */
    boolean skips(long w0) {
        return skipsNobody && atcs.endpoint(Cmd.DEVICE_ID.getInt(w0)) == null;
    }

    /** INVALIDATE_IOTLB_PAGES: the tag of its request, {@link AtcInvalidations#NO_TAG} if it has to wait for one. */
    int invalidate(long w0, long w1) {
        int deviceId = Cmd.DEVICE_ID.getInt(w0);
        int mostPending = Cmd.MAX_PEND.getInt(w0);
        int limit = mostPending == 0 ? AtcInvalidations.MOST_REQUESTS : mostPending;
        AtsEndpoint endpoint = atcs.endpoint(deviceId);
        if (endpoint == null) {
            return atcs.sendToNobody(deviceId, limit);
        }
        int pasid = Cmd.GN.isSet(w1) ? Cmd.iotlbPasid(w0) : DmaRequest.NO_PASID;
        return atcs.send(endpoint, limit, pasid, false, Cmd.rangeStart(w1), Cmd.rangeShift(w1) - PAGE_SHIFT);
    }

    /** COMPLETE_PPR_REQUEST. */
    void respond(long w0, long w1) {
        AtsEndpoint endpoint = atcs.endpoint(Cmd.DEVICE_ID.getInt(w0));
        if (endpoint != null) {
            int pasid = Cmd.GN.isSet(w1) ? Cmd.PPR_PASID.getInt(w0) : DmaRequest.NO_PASID;
            endpoint.respond(Cmd.PPR_TAG.getInt(w1), pasid, PprLog.response(Cmd.PPR_STATUS.getInt(w1)));
        }
    }
}
