package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.contract.FaultLog;
import org.iommusim.hw.contract.FaultSeen;
import org.iommusim.hw.contract.FaultSeen.Kind;
import org.iommusim.hw.dma.DmaRequest;
import org.iommusim.vtd.spec.FaultReason;
import org.iommusim.vtd.spec.Frcd;
import org.iommusim.vtd.spec.Reg;

/** The fault recording registers, used in turn; FSTS.FRI says which holds the oldest. */
final class ContractFaults implements FaultLog {
    private final VtdTestbed bed;
    private final boolean secondStage;

    /** {@code secondStage}: an entry that permits nothing is an absent one, and there is one reason for both. */
    ContractFaults(VtdTestbed bed, boolean secondStage) {
        this.bed = bed;
        this.secondStage = secondStage;
    }

    @Override
    public int room() {
        return bed.device.cap().faultRecords();
    }

    @Override
    public List<FaultSeen> take() {
        List<FaultSeen> seen = new ArrayList<>();
        int first = (bed.read(Reg.FSTS) & Reg.FSTS_FRI) >>> Reg.FSTS_FRI_SHIFT;
        for (int i = 0; i < room(); i++) {
            int number = (first + i) % room();
            long[] record = bed.fault(number);
            if (!Frcd.F.isSet(record[1])) {
                break;
            }
            seen.add(seen(record));
            bed.write(bed.device.cap().faultRecordOffset() + Frcd.BYTES * number + 12, 1 << 31);
        }
        return seen;
    }

    private FaultSeen seen(long[] record) {
        int pasid = Frcd.PP.isSet(record[1]) ? Frcd.PV.getInt(record[1]) : DmaRequest.NO_PASID;
        return new FaultSeen(
                kind(Frcd.FR.getInt(record[1])),
                Frcd.SID.getInt(record[1]),
                pasid,
                Frcd.FI.inPlace(record[0]),
                Frcd.type(record[1]) == Frcd.TYPE_WRITE);
    }

    private Kind kind(int reason) {
        return switch (reason) {
            case FaultReason.NO_READ, FaultReason.NO_WRITE, FaultReason.FS_NOT_PRESENT -> Kind.ABSENT;
            case FaultReason.SM_NO_READ, FaultReason.SM_NO_WRITE -> secondStage ? Kind.ABSENT : Kind.FORBIDDEN;
            case FaultReason.ROOT_NOT_PRESENT,
                    FaultReason.CONTEXT_NOT_PRESENT,
                    FaultReason.SM_ROOT_NOT_PRESENT,
                    FaultReason.SM_CONTEXT_NOT_PRESENT -> Kind.ENTRY;
            default -> Kind.OTHER;
        };
    }

    @Override
    public boolean lost() {
        return (bed.read(Reg.FSTS) & Reg.FSTS_PFO) != 0;
    }

    @Override
    public void recover() {
        bed.write(Reg.FSTS, Reg.FSTS_PFO);
    }
}
