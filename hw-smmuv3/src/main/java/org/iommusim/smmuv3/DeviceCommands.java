package org.iommusim.smmuv3;

import org.iommusim.hw.ats.AtcInvalidations;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.AtsEndpoint;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.IdRegs;

/**
 * Commands about devices instead of caches: CMD_ATC_INV and CMD_PRI_RESP send a message to a function, CMD_RESUME and
 * CMD_STALL_TERM answer stalled transactions. The first two are ignored while SMMUEN=0, and for a stream that is no function
 * with ATS.
 */
final class DeviceCommands {
    private final Smmuv3Device device;
    private final IdRegs ids;

    DeviceCommands(Smmuv3Device device, IdRegs ids) {
        this.device = device;
        this.ids = ids;
    }

    /** CMD_ATC_INV; false if it has to wait for a tag. */
    boolean invalidate(long w0, long w1) {
        AtsEndpoint endpoint = device.atcs().endpoint(Cmd.SID.getInt(w0));
        if (!device.registers().enabled() || endpoint == null) {
            return true;
        }
        int ssid = substream(w0);
        boolean global = ssid >= 0 && Cmd.GLOBAL.isSet(w0);
        int limit = endpoint.invalidateQueueDepth();
        return device.atcs().send(endpoint, limit, ssid, global, Cmd.ADDRESS.inPlace(w1), Cmd.ATC_SIZE.getInt(w1))
                != AtcInvalidations.NO_TAG;
    }

    /** CMD_PRI_RESP. */
    void respond(long w0, long w1) {
        AtsEndpoint endpoint = device.atcs().endpoint(Cmd.SID.getInt(w0));
        if (!device.registers().enabled() || endpoint == null) {
            return;
        }
        PageResponse response = switch (Cmd.PRI_RESPONSE.getInt(w1)) {
            case Cmd.PRI_DENY -> PageResponse.RESPONSE_FAILURE;
            case Cmd.PRI_FAIL -> PageResponse.INVALID_REQUEST;
            default -> PageResponse.SUCCESS;
        };
        endpoint.respond(Cmd.PRG_INDEX.getInt(w1), substream(w0), response);
    }

    /** Without substreams SSV is taken for 0. */
    private int substream(long w0) {
        return Cmd.SSV.isSet(w0) && ids.ssidSize() > 0 ? Cmd.SSID.getInt(w0) : DmaRequest.NO_PASID;
    }

    /** CMD_RESUME, CMD_STALL_TERM. */
    void resume(int opcode, long w0, long w1) {
        int sid = Cmd.SID.getInt(w0);
        if (opcode == Cmd.STALL_TERM) {
            device.stalls().terminateStream(sid);
        } else {
            boolean abort = ids.termModel() || Cmd.RESUME_AB.isSet(w0);
            device.stalls().resume(sid, Cmd.STAG.getInt(w1), Cmd.RESUME_AC.isSet(w0), abort);
        }
    }
}
