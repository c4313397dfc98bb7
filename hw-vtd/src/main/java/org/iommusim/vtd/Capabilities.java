package org.iommusim.vtd;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.spec.BitField;
import org.iommusim.vtd.spec.Cap;

/**
 * The capability registers: what a unit can do. Made from parameters they offer what presets are meant to have; made from a
 * real unit's registers they offer what that one does. Either way they are held against what the model can do.
 */
final class Capabilities {
    /** Where the invalidation registers are, in units of 16 bytes: behind the registers with fixed places. */
    private static final int IRO = 0x50;
    /** Where the fault recording registers are. */
    private static final int FRO = 0x80;

    /** What is offered and not there. */
    private static final List<BitField> MISSING = List.of(Cap.AFL, Cap.PI, Cap.ECMDS, Cap.DIT, Cap.VCS, Cap.PMS);

    private Capabilities() {}

    static Cap of(VtdParameters p) {
        long[] words = new long[2];
        Cap.ND.put(words, p.value("nd"));
        put(words, Cap.RWBF, p, "rwbf");
        put(words, Cap.PLMR, p, "plmr");
        put(words, Cap.PHMR, p, "phmr");
        put(words, Cap.CM, p, "cm");
        put(words, Cap.SAGAW, p, "sagaw");
        Cap.MGAW.put(words, p.value("mgaw") - 1);
        put(words, Cap.ZLR, p, "zlr");
        Cap.FRO.put(words, FRO);
        put(words, Cap.SSLPS, p, "sslps");
        put(words, Cap.PSI, p, "psi");
        Cap.NFR.put(words, p.value("nfr") - 1);
        put(words, Cap.MAMV, p, "mamv");
        put(words, Cap.DWD, p, "drain");
        put(words, Cap.DRD, p, "drain");
        put(words, Cap.ESIRTPS, p, "esirtps");
        put(words, Cap.ESRTPS, p, "esrtps");
        put(words, Cap.C, p, "c");
        put(words, Cap.QI, p, "qi");
        put(words, Cap.DT, p, "dt");
        if (p.flag("dt")) {
            put(words, Cap.NWFS, p, "nwfs");
        }
        put(words, Cap.IR, p, "ir");
        put(words, Cap.EIM, p, "eim");
        put(words, Cap.PT, p, "pt");
        put(words, Cap.SC, p, "sc");
        Cap.IRO.put(words, IRO);
        put(words, Cap.MHMV, p, "mhmv");
        scalable(words, p);
        return new Cap(words[0], words[1]);
    }

    /** What only counts in scalable mode is not offered without it. */
    private static void scalable(long[] words, VtdParameters p) {
        if (!p.flag("smts")) {
            return;
        }
        Cap.SMTS.put(words, 1);
        Cap.SMPWCS.put(words, 1);
        put(words, Cap.MTS, p, "mts");
        put(words, Cap.NEST, p, "nest");
        put(words, Cap.PRS, p, "prs");
        if (p.flag("prs")) {
            put(words, Cap.PDS, p, "pds");
        }
        put(words, Cap.ERS, p, "ers");
        put(words, Cap.SRS, p, "srs");
        put(words, Cap.EAFS, p, "eafs");
        put(words, Cap.PASID, p, "pasid");
        if (p.flag("pasid")) {
            Cap.PSS.put(words, p.value("pss") - 1);
        }
        if (p.flag("fsts")) {
            put(words, Cap.FS1GP, p, "fs1gp");
            put(words, Cap.FS5LP, p, "fs5lp");
        }
        put(words, Cap.SSADS, p, "ssads");
        put(words, Cap.SSTS, p, "ssts");
        put(words, Cap.FSTS, p, "fsts");
        put(words, Cap.RPS, p, "rps");
        put(words, Cap.ADMS, p, "adms");
        put(words, Cap.RPRIVS, p, "rprivs");
    }

    private static void put(long[] words, BitField field, VtdParameters p, String parameter) {
        field.put(words, p.value(parameter));
    }

    /**
     * Holds what capability registers offer against what the model can do, and against itself.
     *
     * @throws IommuConfigException if something is offered that is not there
     */
    static void check(Cap cap) {
        List<String> missing = new ArrayList<>();
        for (BitField field : MISSING) {
            long word = field.word() == 0 ? cap.cap() : cap.ecap();
            if (field.isSet(word)) {
                missing.add((field.word() == 0 ? "CAP." : "ECAP.") + field.name());
            }
        }
        if (!missing.isEmpty()) {
            throw new IommuConfigException(
                    missing.get(0).substring(0, missing.get(0).indexOf('.')),
                    "asks for " + String.join(", ", missing),
                    "only what this model can do");
        }
        String contradiction = contradiction(cap);
        if (!contradiction.isEmpty()) {
            throw new IommuConfigException("CAP", contradiction, "features that fit together");
        }
    }

    /** What cannot be true of any unit; empty if nothing. */
    private static String contradiction(Cap cap) {
        if (!cap.levels(3) && !cap.levels(4) && !cap.levels(5)) {
            return "offers no second-stage tables (SAGAW)";
        }
        int widest = cap.levels(5) ? 57 : cap.levels(4) ? 48 : 39;
        if (cap.mgawBits() > widest && !cap.smts()) {
            return "offers addresses of " + cap.mgawBits() + " bits, but no tables for more than " + widest;
        }
        if (cap.ss1g() && !cap.ss2m()) {
            return "offers pages of 1 GiB without those of 2 MiB (SSLPS)";
        }
        if (cap.eim() && !cap.ir()) {
            return "offers ECAP.EIM without IR";
        }
        if ((cap.ir() || cap.dt() || cap.smts()) && !cap.qi()) {
            return "offers IR, DT or SMTS without queued invalidation";
        }
        if (cap.nest() && !(cap.fsts() && cap.ssts())) {
            return "offers NEST without both stages (FSTS, SSTS)";
        }
        if (cap.smts() && !cap.fsts() && !cap.ssts() && !cap.pt()) {
            return "offers scalable mode without any kind of translation";
        }
        if (cap.prs() && !(cap.dt() && cap.smts())) {
            return "offers page requests without device TLBs and scalable mode";
        }
        return overlap(cap);
    }

    /** The registers with a place of their own must not lie on others. */
    private static String overlap(Cap cap) {
        int records = cap.faultRecordOffset();
        int end = records + 16 * cap.faultRecords();
        int iotlb = cap.iotlbOffset();
        return iotlb + 16 > records && iotlb < end ? "has fault records on the invalidation registers (FRO, IRO)" : "";
    }
}
