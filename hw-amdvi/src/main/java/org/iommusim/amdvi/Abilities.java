package org.iommusim.amdvi;

import java.util.ArrayList;
import java.util.List;
import org.iommusim.amdvi.spec.Efr;
import org.iommusim.hw.provider.IommuConfigException;
import org.iommusim.hw.spec.BitField;

/**
 * The feature registers: what a unit can do. Made from parameters they offer what presets are meant to have; made from a real
 * unit's registers they offer what that one does. Either way they are held against what the model can do.
 */
final class Abilities {
    /** What is offered and not there. */
    private static final List<BitField> MISSING = List.of(
            Efr.SMIF_SUP,
            Efr.DUAL_PPR_LOG_SUP,
            Efr.DUAL_EVENT_LOG_SUP,
            Efr.SATS_SUP,
            Efr.PPR_OVRFLW_EARLY_SUP,
            Efr.MARC_SUP,
            Efr.PERF_OPT_SUP,
            Efr.SNOOP_ATTR_SUP,
            Efr.ATTR_FW_SUP,
            Efr.INV_IOTLB_TYPE_SUP,
            Efr.VIOMMU_SUP,
            Efr.VM_GUARD_IO_SUP,
            Efr.FORCE_PHY_DEST_SUP,
            Efr.SNP_SUP,
            Efr.SEV_SNP_IO_SUP,
            Efr.TMPM_SUP,
            Efr.SNP_AVIC_SUP);

    private static final int PASID_20 = 20;

    private Abilities() {}

    static Efr of(AmdViParameters p) {
        long[] words = new long[2];
        put(words, Efr.PREF_SUP, p, "prefetch");
        put(words, Efr.XT_SUP, p, "xt");
        put(words, Efr.IA_SUP, p, "ia");
        put(words, Efr.GA_SUP, p, "ga");
        put(words, Efr.GAM_SUP, p, "gam");
        put(words, Efr.GAPPI_SUP, p, "gappi");
        put(words, Efr.GAPPI_DIS_SUP, p, "gappi_dis");
        Efr.HATS.put(words, p.value("host_levels") - 4);
        Efr.DEV_TBL_SEG_SUP.put(words, log2(p.value("segments")));
        put(words, Efr.MSI_CAP_MMIO_SUP, p, "msi_cap_mmio");
        put(words, Efr.HA_SUP, p, "ha");
        put(words, Efr.HD_SUP, p, "hd");
        put(words, Efr.HT_RANGE_IGNORE, p, "ht_range_ignore");
        put(words, Efr.NUM_INT_REMAP_SUP, p, "interrupts_2k");
        Efr.PC_SUP.put(words, p.value("counter_banks") > 0 ? 1 : 0);
        pageRequests(words, p);
        guest(words, p);
        return new Efr(words[0], words[1]);
    }

    /** Functions without TLBs of their own make no page requests. */
    private static void pageRequests(long[] words, AmdViParameters p) {
        if (p.flag("ppr") && p.flag("iotlb_sup")) {
            Efr.PPR_SUP.put(words, 1);
            put(words, Efr.PPR_AUTO_RSP_SUP, p, "ppr_auto_rsp");
            put(words, Efr.BLK_STOP_MRK_SUP, p, "blk_stop_mrk");
            put(words, Efr.EPH_SUP, p, "eph");
        }
    }

    /** What only counts with guest tables is not offered without them. */
    private static void guest(long[] words, AmdViParameters p) {
        if (!p.flag("gt")) {
            return;
        }
        Efr.GT_SUP.put(words, 1);
        put(words, Efr.NX_SUP, p, "nx");
        Efr.GATS.put(words, p.value("guest_levels") - 4);
        Efr.GLX_SUP.put(words, p.value("gcr3_levels") - 1);
        Efr.PAS_MAX.put(words, p.value("pasid_bits") - 1);
        put(words, Efr.US_SUP, p, "us");
        put(words, Efr.GIO_SUP, p, "gio");
        put(words, Efr.GCR3_TRP_MODE, p, "gcr3_trp");
        put(words, Efr.V2_HD_DIS_SUP, p, "gd_update_dis");
        put(words, Efr.GA_UPDATE_DIS_SUP, p, "ga_update_dis");
    }

    private static void put(long[] words, BitField field, AmdViParameters p, String parameter) {
        field.put(words, p.value(parameter));
    }

    private static int log2(int segments) {
        if (Integer.bitCount(segments) != 1) {
            throw new IommuConfigException("parameters", segments + " segments", "1, 2, 4 or 8");
        }
        return Integer.numberOfTrailingZeros(segments);
    }

    /**
     * Holds what feature registers offer against what the model can do, and against itself.
     *
     * @throws IommuConfigException if something is offered that is not there
     */
    static void check(Efr efr) {
        List<String> missing = new ArrayList<>();
        for (BitField field : MISSING) {
            if (efr.has(field)) {
                missing.add(field.name());
            }
        }
        unnamed(missing, "EFR", efr.efr() & Efr.UNNAMED);
        unnamed(missing, "EFR2", efr.efr2() & Efr.UNNAMED2);
        if (!missing.isEmpty()) {
            throw new IommuConfigException(
                    "EFR", "asks for " + String.join(", ", missing), "only what this model can do");
        }
        String contradiction = contradiction(efr);
        if (!contradiction.isEmpty()) {
            throw new IommuConfigException("EFR", contradiction, "features that fit together");
        }
    }

    private static void unnamed(List<String> missing, String register, long bits) {
        if (bits != 0) {
            missing.add("bits 0x" + Long.toHexString(bits) + " of " + register);
        }
    }

    /** What cannot be true of any unit; empty if nothing. */
    private static String contradiction(Efr efr) {
        if (efr.hostLevels() == 0 && !efr.gt()) {
            return "offers neither host tables (HATS) nor guest tables (GTSup)";
        }
        if (efr.hd() && !efr.ha()) {
            return "offers dirty flags of host tables without accessed flags (HDSup, HASup)";
        }
        if (efr.gio() && !efr.gt()) {
            return "offers guest tables for requests without PASID, but no guest tables (GIOSup, GTSup)";
        }
        if (efr.gt() && efr.pasidBits() > PASID_20) {
            return "offers PASIDs of " + efr.pasidBits() + " bits (PASMax)";
        }
        return interruptContradiction(efr);
    }

    private static String interruptContradiction(Efr efr) {
        if (efr.xt() && !efr.ga()) {
            return "offers x2APIC without interrupt remapping entries of 128 bits (XTSup, GASup)";
        }
        if (efr.has(Efr.GAM_SUP) && !efr.gam()) {
            return "offers a guest virtual APIC mode that is reserved (GAMSup)";
        }
        if (efr.gam() && !efr.ga()) {
            return "offers interrupts of guests without interrupt remapping entries of 128 bits (GAMSup, GASup)";
        }
        if (efr.gappi() && !efr.gam() || efr.gappiDis() && !efr.gappi()) {
            return "offers interrupts for guests that do not run (GAPPISup, GAPPIDisSup) without what they belong to";
        }
        return "";
    }
}
