package org.iommusim.smmuv3;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.contract.FaultLog;
import org.iommusim.hw.contract.FaultSeen;
import org.iommusim.hw.contract.FaultSeen.Kind;
import org.iommusim.hw.contract.PageRequests;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.smmuv3.spec.Cmd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.Pri;
import org.iommusim.smmuv3.spec.Reg;

/** The queues that an SMMU writes: events and page requests. An overflow is acknowledged by copying the flag of PROD to CONS. */
final class ContractQueues implements FaultLog {
    static final long PAGES = 0x22_0000;
    static final int LOG2_PAGES = 4;

    private final Smmuv3Testbed bed;

    ContractQueues(Smmuv3Testbed bed) {
        this.bed = bed;
    }

    @Override
    public int room() {
        return 1 << Smmuv3Testbed.LOG2_EVENTS;
    }

    @Override
    public List<FaultSeen> take() {
        List<FaultSeen> seen = new ArrayList<>();
        for (int index : taken(Reg.EVENTQ_PROD, Reg.EVENTQ_CONS, Smmuv3Testbed.LOG2_EVENTS)) {
            seen.add(seen(bed.event(index, 0), bed.event(index, 1), bed.event(index, 2)));
        }
        return seen;
    }

    /** Places of the records that are there, all of which are given back; the overflow stays as it is. */
    private List<Integer> taken(int prodRegister, int consRegister, int log2) {
        List<Integer> places = new ArrayList<>();
        int wrapped = (1 << log2 + 1) - 1;
        int prod = bed.read(prodRegister) & wrapped;
        int cons = bed.read(consRegister);
        for (int at = cons & wrapped; at != prod; at = at + 1 & wrapped) {
            places.add(at & (1 << log2) - 1);
        }
        bed.write(consRegister, cons & Reg.Q_OVERFLOW | prod);
        return places;
    }

    private static FaultSeen seen(long w0, long w1, long w2) {
        int code = Event.ID.getInt(w0);
        boolean input = Event.hasInput(code);
        return new FaultSeen(
                kind(code),
                Event.SID.getInt(w0),
                Event.SSV.isSet(w0) ? Event.SSID.getInt(w0) : DmaRequest.NO_PASID,
                input ? w2 : -1,
                input && !Event.RNW.isSet(w1));
    }

    private static Kind kind(int code) {
        return switch (code) {
            case Event.F_TRANSLATION -> Kind.ABSENT;
            case Event.F_PERMISSION -> Kind.FORBIDDEN;
            case Event.C_BAD_STREAMID, Event.C_BAD_STE -> Kind.ENTRY;
            default -> Kind.OTHER;
        };
    }

    @Override
    public boolean lost() {
        return overflowed(Reg.EVENTQ_PROD, Reg.EVENTQ_CONS);
    }

    @Override
    public void recover() {
        bed.write(Reg.EVENTQ_CONS, bed.read(Reg.EVENTQ_PROD));
    }

    private boolean overflowed(int prodRegister, int consRegister) {
        return ((bed.read(prodRegister) ^ bed.read(consRegister)) & Reg.Q_OVERFLOW) != 0;
    }

    /** The page request queue. */
    final class Pages implements PageRequests {
        @Override
        public int room() {
            return 1 << LOG2_PAGES;
        }

        @Override
        public List<PageRequest> take() {
            List<PageRequest> all = new ArrayList<>();
            for (int index : taken(Reg.PRIQ_PROD, Reg.PRIQ_CONS, LOG2_PAGES)) {
                long at = PAGES + (long) index * Pri.BYTES;
                all.add(request(bed.memory.read64(at), bed.memory.read64(at + 8)));
            }
            return all;
        }

        private static PageRequest request(long w0, long w1) {
            return new PageRequest(
                    Pri.SID.getInt(w0),
                    Pri.SSV.isSet(w0) ? Pri.SSID.getInt(w0) : DmaRequest.NO_PASID,
                    Pri.ADDRESS.inPlace(w1),
                    Pri.PRG_INDEX.getInt(w1),
                    Pri.LAST.isSet(w0),
                    Pri.READ.isSet(w0),
                    Pri.WRITE.isSet(w0),
                    Pri.EXEC.isSet(w0),
                    Pri.PRIV.isSet(w0));
        }

        @Override
        public void respond(int function, int pasid, int group, PageResponse response) {
            int code = switch (response) {
                case SUCCESS -> Cmd.PRI_SUCC;
                case INVALID_REQUEST -> Cmd.PRI_FAIL;
                case RESPONSE_FAILURE -> Cmd.PRI_DENY;
            };
            bed.put(Cmd.priResp0(function, pasid), Cmd.priResp1(group, code));
        }

        @Override
        public boolean overflowed() {
            return ContractQueues.this.overflowed(Reg.PRIQ_PROD, Reg.PRIQ_CONS);
        }

        @Override
        public void recover() {
            bed.write(Reg.PRIQ_CONS, bed.read(Reg.PRIQ_PROD));
        }
    }
}
