package org.iommusim.smmuv3;

import org.iommusim.hw.contract.MaintenanceBook;
import org.iommusim.smmuv3.spec.Cmd;

/** Which commands end a translation of an SMMU. */
final class SmmuBook extends MaintenanceBook<SmmuBook.Stream, SmmuBook.Place> {
    /** What a stream is: its tags, and which stages it has. */
    record Stream(int sid, int vmid, int asid, boolean first, boolean second) {}

    /** One place where an access may end. */
    static final class Place extends MaintenanceBook.Place<Stream> {
        private final long ipa;
        /** Stage 1 was changed to make it; else stage 2 was. */
        private final boolean byStage1;

        private boolean stage1Changed;
        private boolean stage2Changed;
        private boolean stage2Dropped;

        Place(Stream stream, long iova, long ipa, long pa, boolean byStage1) {
            super(stream, iova, pa);
            this.ipa = ipa;
            this.byStage1 = byStage1;
        }

        @Override
        protected boolean gone() {
            return stage1Changed || stage2Changed;
        }
    }

    @Override
    protected void left(Place old, Place next) {
        old.stage1Changed |= next.byStage1;
        old.stage2Changed |= !next.byStage1 && old.ipa == next.ipa;
    }

    @Override
    protected boolean ends(Place place, long w0, long w1) {
        Stream s = place.space;
        int opcode = Cmd.opcode(w0);
        if (opcode == Cmd.TLBI_NSNH_ALL || opcode == Cmd.TLBI_S12_VMALL && s.vmid == Cmd.VMID.getInt(w0)) {
            return true;
        }
        if (s.second && opcode == Cmd.TLBI_S2_IPA && s.vmid == Cmd.VMID.getInt(w0) && names(w0, w1, place.ipa)) {
            place.stage2Dropped = true;
            return !s.first;
        }
        // With both stages the translation is one of stage 1, too: stage 2's own part has to be dropped before.
        return s.first && ofStage1(s, place.iova, w0, w1) && (place.stage1Changed || place.stage2Dropped);
    }

    private static boolean ofStage1(Stream s, long iova, long w0, long w1) {
        if (s.vmid != Cmd.VMID.getInt(w0)) {
            return false;
        }
        boolean sameAsid = s.asid == Cmd.ASID.getInt(w0);
        return switch (Cmd.opcode(w0)) {
            case Cmd.TLBI_NH_ALL -> true;
            case Cmd.TLBI_NH_ASID -> sameAsid;
            case Cmd.TLBI_NH_VA -> sameAsid && names(w0, w1, iova);
            case Cmd.TLBI_NH_VAA -> names(w0, w1, iova);
            default -> false;
        };
    }

    private static boolean names(long w0, long w1, long page) {
        long from = w1 & -1L << 12;
        long granules = Cmd.TG.getInt(w1) == 0 ? 1 : Cmd.NUM.get(w0) + 1 << Cmd.SCALE.getInt(w0);
        return page >= from && page < from + (granules << 12);
    }
}
