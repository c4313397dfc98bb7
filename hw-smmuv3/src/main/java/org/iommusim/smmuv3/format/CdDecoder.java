package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;

/** Checks a context descriptor and decodes it. */
public final class CdDecoder {
    private CdDecoder() {}

    /**
     * Decodes a descriptor into a configuration whose STE part is already there: its StreamWorld and stall rule matter.
     *
     * @param cd its 8 words, as they were read
     * @param ids what the SMMU can do: decides what is illegal
     * @param out gets the CD part; it is cleared on a fault
     * @return 0, or {@link Event#C_BAD_CD}
     */
    public static int decode(long[] cd, IdRegs ids, StreamConfig out) {
        out.clearCd();
        if (legal(cd, ids, out)) {
            return Event.NONE;
        }
        out.clearCd();
        return Event.C_BAD_CD;
    }

    private static boolean legal(long[] cd, IdRegs ids, StreamConfig out) {
        long w0 = cd[0];
        boolean access = Cd.HA.isSet(w0);
        boolean dirty = Cd.HD.isSet(w0);
        if (!Cd.V.isSet(w0) || !Cd.AA64.isSet(w0) || !ids.aarch64() || !SteDecoder.updatesLegal(access, dirty, ids)) {
            return false;
        }
        out.s1Stall = Cd.S.isSet(w0);
        out.s1Record = Cd.R.isSet(w0);
        out.s1Abort = Cd.A.isSet(w0);
        if (!SteDecoder.stallLegal(out.s1Stall, ids)
                || out.s1Stall && out.s1Stalld
                || ids.termModel() && !out.s1Abort) {
            return false;
        }
        // Without E2H, EL2 has neither ASIDs nor privilege levels.
        boolean el2 = out.el2() && !out.e2h;
        out.asid = el2 ? 0 : Cd.ASID.getInt(w0);
        // EPD0 and EPD1 do not exist there either, but EL2 has no upper half: every address there faults.
        boolean noLow = !el2 && Cd.EPD0.isSet(w0);
        boolean noHigh = el2 || Cd.EPD1.isSet(w0);
        boolean walks = !noLow || !noHigh;
        if (out.asid > ids.asidMask() || walks && !SteDecoder.endianLegal(Cd.ENDI.isSet(w0), ids)) {
            return false;
        }
        out.aset = Cd.ASET.isSet(w0);
        int flags = (Cd.AFFD.isSet(w0) ? Vmsav8.AFFD : 0)
                | SteDecoder.updates(access, dirty)
                | (Cd.ENDI.isSet(w0) ? Vmsav8.BIG_ENDIAN : 0)
                | (Cd.WXN.isSet(w0) ? Vmsav8.WXN : 0)
                | (Cd.PAN.isSet(w0) && !el2 ? Vmsav8.PAN : 0)
                | (el2 ? Vmsav8.EL2 : 0);
        boolean low = half(
                out.stage1Low,
                noLow,
                Cd.T0SZ.getInt(w0),
                Cd.granuleShiftTg0(Cd.TG0.getInt(w0)),
                Cd.TTB0.inPlace(cd[1]),
                flags | (Cd.TBI0.isSet(w0) ? Vmsav8.TBI : 0) | had(Cd.HAD0.isSet(cd[1]), ids),
                cd,
                ids,
                out.asid);
        boolean high = half(
                out.stage1High,
                noHigh,
                Cd.T1SZ.getInt(w0),
                Cd.granuleShiftTg1(Cd.TG1.getInt(w0)),
                Cd.TTB1.inPlace(cd[2]),
                flags | Vmsav8.HIGH | (Cd.TBI1.isSet(w0) ? Vmsav8.TBI : 0) | had(Cd.HAD1.isSet(cd[2]), ids),
                cd,
                ids,
                out.asid);
        return low && high;
    }

    private static int had(boolean set, IdRegs ids) {
        return set && ids.had() ? Vmsav8.HAD : 0;
    }

    private static boolean half(
            StageParameters p,
            boolean disabled,
            int tsz,
            int granule,
            long root,
            int flags,
            long[] cd,
            IdRegs ids,
            int asid) {
        p.format = Vmsav8Stage1.INSTANCE;
        p.tag = asid;
        if (disabled) {
            p.flags = flags | Vmsav8.EPD;
            p.granuleShift = 12;
            p.inputBits = 48;
            return true; // and its fields are ignored
        }
        if (granule == 0 || !ids.granule(granule)) {
            return false;
        }
        int largestTsz = ids.stt() ? granule == 16 ? 47 : 48 : 39;
        boolean ds = ids.ds() && granule != 16 && Cd.DS.isSet(cd[2]);
        int smallestTsz = ds || ids.vax() && granule == 16 ? 12 : 16;
        if (tsz < smallestTsz || tsz > largestTsz) {
            return false;
        }
        p.inputBits = 64 - tsz;
        p.granuleShift = granule;
        p.startLevel = 4 - (p.inputBits - 4) / (granule - 3);
        p.outputBits = SteDecoder.outputBits(Cd.IPS.getInt(cd[0]), granule, ids, ds);
        if (root >>> p.outputBits != 0) {
            return false;
        }
        int shareability = ((flags & Vmsav8.HIGH) == 0 ? Cd.SH0 : Cd.SH1).getInt(cd[0]);
        p.flags = flags
                | (ds ? Vmsav8.DS | shareability << Vmsav8.SH_SHIFT : 0)
                | (granule == 16 && ids.oasBits() == 52 ? Vmsav8.LPA_64K : 0);
        p.root = root & -Vmsav8.startTableBytes(p);
        p.extra = cd[3];
        return true;
    }
}
