package org.iommusim.smmuv3.format;

import org.iommusim.hw.walk.StageParameters;
import org.iommusim.smmuv3.spec.Cd;
import org.iommusim.smmuv3.spec.Event;
import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Ste;

/** Checks a stream table entry and decodes it. */
public final class SteDecoder {
    private static final int RESERVED = -2;

    private SteDecoder() {}

    /**
     * Decodes an entry. On a fault {@code out} is left aborting.
     *
     * @param ste its 8 words, as they were read
     * @param ids what the SMMU can do: decides what is illegal
     * @param out gets everything but what a CD says
     * @return 0, or {@link Event#C_BAD_STE}
     */
    public static int decode(long[] ste, IdRegs ids, StreamConfig out) {
        out.clear();
        if (!Ste.V.isSet(ste[0])) {
            return Event.C_BAD_STE;
        }
        int config = Ste.CONFIG.getInt(ste[0]);
        if (config < Ste.BYPASS) {
            return Event.NONE; // whatever the rest says
        }
        boolean s1 = (config & Ste.CONFIG_S1) != 0;
        boolean s2 = (config & Ste.CONFIG_S2) != 0;
        out.vmid = ids.s2p() && config != Ste.BYPASS ? Ste.S2VMID.getInt(ste[2]) : 0;
        // Other types are not overridden either way: for PCIe devices that is left to the implementation.
        out.shcfg = ids.attrTypesOvr() ? Ste.SHCFG.getInt(ste[1]) : Ste.SHCFG_INCOMING;
        if (ids.attrPermsOvr()) {
            out.privCfg = Ste.PRIVCFG.getInt(ste[1]);
            out.instCfg = Ste.INSTCFG.getInt(ste[1]);
        }
        out.mev = Ste.MEV.isSet(ste[1]);
        boolean legal = (!s1 || stage1(ste, ids, s2, out))
                && (!s2 || stage2(ste, ids, out))
                && ats(ste, ids, config, out)
                && out.vmid <= ids.vmidMask();
        if (!legal) {
            out.clear();
            return Event.C_BAD_STE;
        }
        out.kind = config;
        return Event.NONE;
    }

    private static boolean stage1(long[] ste, IdRegs ids, boolean nested, StreamConfig out) {
        if (!ids.s1p()) {
            return false;
        }
        out.s1ContextPtr = Ste.S1CONTEXTPTR.inPlace(ste[0]);
        if (!nested && ids.refuses(out.s1ContextPtr)) {
            return false;
        }
        // Without SubstreamIDs S1CDMax is ignored, and with one CD so are the fields about several.
        out.s1CdMax = ids.ssidSize() == 0 ? 0 : Ste.S1CDMAX.getInt(ste[0]);
        if (out.s1CdMax != 0) {
            // The reserved value 3 of both behaves as 0.
            out.s1Fmt = Ste.S1FMT.getInt(ste[0]) % 3;
            out.s1Dss = Ste.S1DSS.getInt(ste[1]) % 3;
            boolean twoLevels = out.s1Fmt != Ste.S1FMT_LINEAR;
            if (out.s1CdMax > ids.ssidSize() || twoLevels && !ids.cd2l()) {
                return false;
            }
        }
        out.s1Stalld = Ste.S1STALLD.isSet(ste[1]);
        if (out.s1Stalld && ids.stallModel() != 0) {
            return false;
        }
        // Without EL2, and over a stage 2, there is one StreamWorld, and the field is ignored.
        out.strw = ids.hyp() && !nested ? Ste.STRW.getInt(ste[1]) : Ste.STRW_NSEL1;
        if (out.el2()) {
            out.vmid = 0; // EL2 belongs to no VM
        }
        return out.strw == Ste.STRW_NSEL1 || out.strw == Ste.STRW_EL2;
    }

    private static boolean stage2(long[] ste, IdRegs ids, StreamConfig out) {
        if (!ids.s2p() || !ids.aarch64() || !Ste.S2AA64.isSet(ste[2]) || !endianLegal(Ste.S2ENDI.isSet(ste[2]), ids)) {
            return false;
        }
        int granule = Cd.granuleShiftTg0(Ste.S2TG.getInt(ste[2]));
        if (granule == 0 || !ids.granule(granule)) {
            return false;
        }
        boolean ds = ids.ds() && granule != 16 && Ste.S2DS.isSet(ste[3]);
        int inputBits = 64 - Ste.S2T0SZ.getInt(ste[2]);
        int smallest = ids.stt() ? granule == 16 ? 17 : 16 : 25;
        int code = Ste.S2SL0.getInt(ste[2]) | (ds && Ste.S2SL0_2.isSet(ste[3]) ? 4 : 0);
        int start = startLevel(code, granule, ids, ds);
        if (inputBits < smallest
                || inputBits > ids.iasBits()
                || granule != 16 && !ds && inputBits > 48
                || start == RESERVED
                || !startFits(inputBits, granule, start)) {
            return false;
        }
        int outputBits = outputBits(Ste.S2PS.getInt(ste[2]), granule, ids, ds);
        long root = Ste.S2TTB.inPlace(ste[3]);
        if (root >>> outputBits != 0) {
            return false;
        }
        // Unlike in a CD, these are ignored without hardware that updates tables.
        boolean access = ids.httu() != 0 && Ste.S2HA.isSet(ste[2]);
        boolean dirty = ids.httu() != 0 && Ste.S2HD.isSet(ste[2]);
        out.s2Stall = Ste.S2S.isSet(ste[2]);
        if (!updatesLegal(access, dirty, ids) || !stallLegal(out.s2Stall, ids)) {
            return false;
        }
        out.s2Record = Ste.S2R.isSet(ste[2]);
        out.s2Ptw = Ste.S2PTW.isSet(ste[2]);
        StageParameters p = out.stage2;
        p.format = Vmsav8Stage2.INSTANCE;
        p.inputBits = inputBits;
        p.granuleShift = granule;
        p.startLevel = start;
        p.outputBits = outputBits;
        p.tag = out.vmid;
        p.flags = (Ste.S2AFFD.isSet(ste[2]) ? Vmsav8.AFFD : 0)
                | updates(access, dirty)
                | (Ste.S2ENDI.isSet(ste[2]) ? Vmsav8.BIG_ENDIAN : 0)
                | (Ste.S2FWB.isSet(ste[1]) && ids.fwb() ? Vmsav8.FWB : 0)
                | (out.s2Ptw ? Vmsav8.PTW : 0)
                | (ids.xnx() ? Vmsav8.XNX : 0)
                | (ds ? Vmsav8.DS | Ste.S2SH0.getInt(ste[2]) << Vmsav8.SH_SHIFT : 0)
                | (granule == 16 && ids.oasBits() == 52 ? Vmsav8.LPA_64K : 0);
        p.root = root & -Vmsav8.startTableBytes(p);
        return true;
    }

    private static boolean ats(long[] ste, IdRegs ids, int config, StreamConfig out) {
        if (!ids.ats() || config == Ste.BYPASS) {
            return true; // no ATS, and the field is ignored
        }
        int eats = Ste.EATS.getInt(ste[1]);
        out.eats = eats > Ste.EATS_S1CHK ? Ste.EATS_ABORT : eats;
        boolean split = out.eats == Ste.EATS_S1CHK;
        // Stalling needs a transaction that comes untranslated.
        return !(out.eats != Ste.EATS_ABORT && out.s2Stall) && !(split && (config != Ste.NESTED || ids.ns1ats()));
    }

    /**
     * Start level of a code of S2SL0, with S2SL0_2 as bit 2; {@link #RESERVED} if it is reserved, or needs a larger address
     * space than the SMMU has. The levels that only 52-bit descriptors need (-1 with 4K, 0 with 16K), and level 3 with 4K, which
     * only small tables need, have codes of their own.
     */
    private static int startLevel(int code, int granule, IdRegs ids, boolean ds) {
        int oasBits = ids.oasBits();
        if (code >= 3) {
            if (code == 3 && granule == 12 && ids.stt()) {
                return 3;
            }
            boolean first = ds && oasBits == 52;
            if (first && granule == 12 && code == 4) {
                return -1;
            }
            return first && granule == 14 && code == 3 ? 0 : RESERVED;
        }
        int start = (granule == 12 ? 2 : 3) - code;
        int needs = code < 2 ? 0 : granule == 14 ? 42 : 44;
        return oasBits < needs ? RESERVED : start;
    }

    /** True if the start level resolves at least one bit and at most 16 tables are concatenated. */
    private static boolean startFits(int inputBits, int granule, int start) {
        int stride = granule - 3;
        int bits = inputBits - (granule + (3 - start) * stride);
        return bits >= 1 && bits <= stride + 4;
    }

    /** Output address width of a size code: not more than the SMMU has, and 48 unless descriptors have room for 52. */
    static int outputBits(int code, int granule, IdRegs ids, boolean ds) {
        int bits = Math.min(IdRegs.addressBits(code), ids.oasBits());
        return granule == 16 || ds ? Math.min(bits, 52) : Math.min(bits, 48);
    }

    static boolean endianLegal(boolean big, IdRegs ids) {
        return switch (ids.ttendian()) {
            case 2 -> !big;
            case 3 -> big;
            default -> true;
        };
    }

    /** HA needs hardware that sets access flags, HD hardware that keeps dirty state. */
    static boolean updatesLegal(boolean access, boolean dirty, IdRegs ids) {
        return (!access || ids.httu() >= 1) && (!dirty || ids.httu() >= 2);
    }

    /** Switches of {@link Vmsav8} for HA and HD; HD without HA is as if neither were set. */
    static int updates(boolean access, boolean dirty) {
        return access ? Vmsav8.HA | (dirty ? Vmsav8.HD : 0) : 0;
    }

    static boolean stallLegal(boolean stall, IdRegs ids) {
        return switch (ids.stallModel()) {
            case 0 -> true;
            case 1 -> !stall;
            default -> stall;
        };
    }
}
