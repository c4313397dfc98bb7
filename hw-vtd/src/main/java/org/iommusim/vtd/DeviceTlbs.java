package org.iommusim.vtd;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.vtd.spec.Cap;
import org.iommusim.vtd.spec.Inv;

/**
 * Descriptors that are messages to functions: invalidations of device TLBs and page group responses.
 *
 * <p>MIP says how many invalidations a function takes at a time (0: 32). One to a function that is not there is sent all the
 * same, and nobody answers it. Without device TLBs (ECAP.DT is 0) these descriptors are taken and do nothing. A page group
 * response for which there is no function goes nowhere.
 */
final class DeviceTlbs {
    private final ControlUnit unit;
    private final Cap cap;

    DeviceTlbs(ControlUnit unit, Cap cap) {
        this.unit = unit;
        this.cap = cap;
    }

    /** A bit for each tag whose request is neither complete nor out of time. */
    int tagsUnderWay() {
        return unit.atcs().tagsUnderWay();
    }

    /** Sends the request of a descriptor; false if it has to wait for a tag. */
    boolean invalidate(long w0, long w1) {
        if (!cap.dt()) {
            return true;
        }
        boolean process = Inv.type(w0) == Inv.PASID_DEVICE_TLB;
        int sid = (process ? Inv.PASID_SID : Inv.SID).getInt(w0);
        int mostPending = (process ? Inv.PASID_MIP : Inv.MIP).getInt(w0);
        int limit = mostPending == 0 ? AtcInvalidations.MOST_REQUESTS : mostPending;
        AtsEndpoint endpoint = unit.atcs().endpoint(sid);
        if (endpoint == null) {
            return unit.atcs().sendToNobody(sid, limit) != AtcInvalidations.NO_TAG;
        }
        int pasid = process ? Inv.PASID.getInt(w0) : DmaRequest.NO_PASID;
        boolean global = process && Inv.PASID_GLOBAL.isSet(w1);
        int order = Inv.deviceTlbOrder(w1, (process ? Inv.PASID_S : Inv.S).isSet(w1));
        return unit.atcs().send(endpoint, limit, pasid, global, Inv.ADDRESS.inPlace(w1), order)
                != AtcInvalidations.NO_TAG;
    }

    /** Sends the response of a descriptor. */
    void respond(long w0, long w1) {
        AtsEndpoint endpoint = unit.atcs().endpoint(Inv.RESPONSE_RID.getInt(w0));
        if (endpoint == null) {
            return;
        }
        PageResponse response = switch (Inv.RESPONSE_CODE.getInt(w0)) {
            case Inv.RESPONSE_SUCCESS -> PageResponse.SUCCESS;
            case Inv.RESPONSE_INVALID -> PageResponse.INVALID_REQUEST;
            default -> PageResponse.RESPONSE_FAILURE;
        };
        int pasid = Inv.RESPONSE_PP.isSet(w0) ? Inv.PASID.getInt(w0) : DmaRequest.NO_PASID;
        endpoint.respond(Inv.RESPONSE_PRG_INDEX.getInt(w1), pasid, response);
    }
}
