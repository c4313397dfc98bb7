package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.contract.PageRequests;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.vtd.spec.Inv;
import org.iommusim.vtd.spec.PageReq;
import org.iommusim.vtd.spec.Reg;

/** The page request queue: one page, of which one entry stays free. */
final class ContractPageRequests implements PageRequests {
    private static final int QUEUE_BYTES = 0x1000;

    private final VtdTestbed bed;

    ContractPageRequests(VtdTestbed bed) {
        this.bed = bed;
    }

    @Override
    public int room() {
        return QUEUE_BYTES / PageReq.BYTES - 1;
    }

    @Override
    public List<PageRequest> take() {
        List<PageRequest> all = new ArrayList<>();
        int tail = bed.read(Reg.PQT);
        for (int at = bed.read(Reg.PQH); at != tail; at = (at + PageReq.BYTES) % QUEUE_BYTES) {
            long w0 = bed.memory.read64(VtdTestbed.PAGE_REQUESTS + at);
            all.add(request(w0, bed.memory.read64(VtdTestbed.PAGE_REQUESTS + at + 8)));
        }
        bed.write(Reg.PRS, Reg.PRS_PPR);
        bed.write64(Reg.PQH, tail);
        return all;
    }

    private static PageRequest request(long w0, long w1) {
        return new PageRequest(
                PageReq.RID.getInt(w0),
                PageReq.PP.isSet(w0) ? PageReq.PASID.getInt(w0) : DmaRequest.NO_PASID,
                PageReq.ADDRESS.inPlace(w1),
                PageReq.PRG_INDEX.getInt(w1),
                PageReq.LPIG.isSet(w1),
                PageReq.READ.isSet(w1),
                PageReq.WRITE.isSet(w1),
                PageReq.EXE.isSet(w0),
                PageReq.PRIV.isSet(w0));
    }

    @Override
    public void respond(int function, int pasid, int group, PageResponse response) {
        bed.put(Inv.pageGroupResponse0(function, pasid, response.code()), Inv.pageGroupResponse1(group, true));
    }

    @Override
    public boolean overflowed() {
        return (bed.read(Reg.PRS) & Reg.PRS_PRO) != 0;
    }

    @Override
    public void recover() {
        bed.write(Reg.PRS, Reg.PRS_PRO);
    }
}
