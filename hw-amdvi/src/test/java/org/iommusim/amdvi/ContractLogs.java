package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Cmd;
import org.iommusim.amdvi.spec.Control;
import org.iommusim.amdvi.spec.Event;
import org.iommusim.amdvi.spec.Ppr;
import org.iommusim.amdvi.spec.Reg;
import org.iommusim.amdvi.spec.Status;
import org.iommusim.hw.contract.FaultLog;
import org.iommusim.hw.contract.FaultSeen;
import org.iommusim.hw.contract.FaultSeen.Kind;
import org.iommusim.hw.contract.PageRequests;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.hw.iommu.PageRequest;
import org.iommusim.hw.iommu.PageResponse;
import org.iommusim.hw.spec.BitField;

/**
 * The logs that a unit writes, of 256 entries each, of which one stays unused. After an overflow a log runs again when its bit
 * of the status register is cleared and it has been switched off and on.
 */
final class ContractLogs implements FaultLog {
    private static final int BYTES = 0x1000;

    private final AmdViTestbed bed;

    ContractLogs(AmdViTestbed bed) {
        this.bed = bed;
    }

    @Override
    public int room() {
        return BYTES / Event.BYTES - 1;
    }

    @Override
    public List<FaultSeen> take() {
        List<FaultSeen> seen = new ArrayList<>();
        for (long at : records(Reg.EVT_HEAD, Reg.EVT_TAIL)) {
            seen.add(seen(word(AmdViTestbed.EVENTS + at), word(AmdViTestbed.EVENTS + at + Long.BYTES)));
        }
        bed.write64(Reg.STATUS, Status.EVT_LOG_INT);
        bed.write64(Reg.EVT_HEAD, bed.read64(Reg.EVT_TAIL));
        return seen;
    }

    /** True if there is a record of a function that has not answered. */
    boolean hasTimeout() {
        return records(Reg.EVT_HEAD, Reg.EVT_TAIL).stream()
                .anyMatch(at -> Event.code(word(AmdViTestbed.EVENTS + at)) == Event.IOTLB_INV_TIMEOUT);
    }

    private long word(long at) {
        return bed.memory.read64(at);
    }

    private List<Long> records(int head, int tail) {
        List<Long> all = new ArrayList<>();
        long end = bed.read64(tail);
        for (long at = bed.read64(head); at != end; at = (at + Event.BYTES) % BYTES) {
            all.add(at);
        }
        return all;
    }

    private static FaultSeen seen(long w0, long address) {
        return new FaultSeen(
                kind(w0),
                Event.DEVICE_ID.getInt(w0),
                (w0 & Event.GN) != 0 ? Event.pasid(w0) : DmaRequest.NO_PASID,
                address,
                (w0 & Event.RW) != 0);
    }

    private static Kind kind(long w0) {
        return switch (Event.code(w0)) {
            case Event.ILLEGAL_DEV_TABLE_ENTRY -> Kind.ENTRY;
            case Event.IO_PAGE_FAULT -> (w0 & Event.PR) == 0 ? Kind.ABSENT : Kind.FORBIDDEN;
            default -> Kind.OTHER;
        };
    }

    @Override
    public boolean lost() {
        return (bed.read64(Reg.STATUS) & Status.EVT_OVERFLOW) != 0;
    }

    @Override
    public void recover() {
        restart(Status.EVT_OVERFLOW, Control.EVENT_LOG_EN);
    }

    private void restart(long overflow, BitField enable) {
        bed.write64(Reg.STATUS, overflow);
        long control = bed.read64(Reg.CONTROL);
        bed.write64(Reg.CONTROL, control & ~enable.mask());
        bed.run();
        bed.write64(Reg.CONTROL, control);
        bed.run();
    }

    /** The PPR log. */
    final class Pages implements PageRequests {
        @Override
        public int room() {
            return BYTES / Ppr.BYTES - 1;
        }

        @Override
        public List<PageRequest> take() {
            List<PageRequest> all = new ArrayList<>();
            for (long at : records(Reg.PPR_HEAD, Reg.PPR_TAIL)) {
                long record = AmdViTestbed.PAGE_REQUESTS + at;
                all.add(request(word(record), word(record + Long.BYTES)));
            }
            bed.write64(Reg.STATUS, Status.PPR_INT);
            bed.write64(Reg.PPR_HEAD, bed.read64(Reg.PPR_TAIL));
            return all;
        }

        private static PageRequest request(long w0, long w1) {
            boolean process = Ppr.GN.isSet(w0);
            return new PageRequest(
                    Ppr.DEVICE_ID.getInt(w0),
                    process ? Ppr.pasid(w0) : DmaRequest.NO_PASID,
                    Ppr.ADDRESS.inPlace(w1),
                    Ppr.TAG.getInt(w0),
                    Ppr.LAST.isSet(w0),
                    Ppr.READ.isSet(w0),
                    Ppr.WRITE.isSet(w0),
                    Ppr.EXEC.isSet(w0),
                    process && !Ppr.US.isSet(w0));
        }

        @Override
        public void respond(int function, int pasid, int group, PageResponse response) {
            int status = switch (response) {
                case SUCCESS -> Cmd.PPR_SUCCESS;
                case INVALID_REQUEST -> Cmd.PPR_INVALID;
                case RESPONSE_FAILURE -> Cmd.PPR_FAILURE;
            };
            boolean process = pasid != DmaRequest.NO_PASID;
            bed.put(
                    Cmd.completePprRequest0(function, process ? pasid : 0),
                    Cmd.completePprRequest1(group, status) | (process ? Cmd.GN.mask() : 0));
        }

        @Override
        public boolean overflowed() {
            return (bed.read64(Reg.STATUS) & Status.PPR_OVERFLOW) != 0;
        }

        @Override
        public void recover() {
            restart(Status.PPR_OVERFLOW, Control.PPR_LOG_EN);
        }
    }
}
