package org.iommusim.smmuv3;

import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;

/**
 * The identification registers: what a device can do.
 *
 * <p>Made from parameters they offer what presets are meant to have; what never is offered is listed in
 * {@code docs/smmuv3.md}, together with what a program gets that uses it all the same. Made from a real SMMU's registers
 * they offer what that one does. Either way they are held against what the model can do: {@link
 * RecordedIdentification#check}.
 *
 * @param ids the registers that never change
 * @param gbpa what GBPA is after a reset, which is implementation defined
 */
record Identification(IdRegs ids, int gbpa) {
    private static final int S2P = 1;
    private static final int S1P = 1 << 1;
    private static final int TTF_AARCH64 = 2 << 2;
    private static final int COHACC = 1 << 4;
    private static final int ATS = 1 << 10;
    private static final int NS1ATS = 1 << 11;
    private static final int PRI = 1 << 16;
    private static final int ATSRECERR = 1 << 23;
    private static final int PRIQS_SHIFT = 11;
    private static final int STALL_MAX_SHIFT = 16;
    private static final int HTTU_SHIFT = 6;
    private static final int HYP = 1 << 9;
    private static final int ASID16 = 1 << 12;
    private static final int MSI = 1 << 13;
    private static final int SEV = 1 << 14;
    private static final int VMID16 = 1 << 18;
    private static final int TTENDIAN_LITTLE = 2 << 21;
    private static final int STALL_MODEL_SHIFT = 24;
    private static final int NO_STALL = 1;
    private static final int TERM_MODEL = 1 << 26;
    private static final int ST_LEVEL_2 = 1 << 27;
    private static final int CD2L = 1 << 19;

    private static final int ATTR_PERMS_OVR = 1 << 26;

    private static final int HAD = 1 << 2;
    private static final int XNX = 1 << 4;
    private static final int PPS = 1 << 5;
    private static final int FWB = 1 << 8;
    private static final int BBML_SHIFT = 11;
    private static final int RIL = 1 << 10;

    private static final int DS = 1 << 7;
    private static final int VAX_52 = 1 << 10;
    private static final int GRANULES = 7 << 4;
    private static final int ARM = 0x43b;

    static Identification of(Smmuv3Parameters p) {
        boolean pri = p.flag("ats") && p.flag("pri");
        int ats = p.flag("ats") ? ATS | ATSRECERR | (pri ? PRI : 0) | (p.flag("split_stage_ats") ? 0 : NS1ATS) : 0;
        int idr0 = S2P
                | S1P
                | TTF_AARCH64
                | COHACC
                | ASID16
                | (p.flag("msi") ? MSI : 0)
                | (p.flag("sev") ? SEV : 0)
                | VMID16
                | (p.flag("hyp") ? HYP : 0)
                | p.value("httu") << HTTU_SHIFT
                | TTENDIAN_LITTLE
                | p.value("stall_model") << STALL_MODEL_SHIFT
                | ats
                | (p.flag("term_model") ? TERM_MODEL : 0)
                | (p.flag("cd2l") ? CD2L : 0)
                | ST_LEVEL_2;
        int idr1 = p.value("sid_bits")
                | p.value("ssid_bits") << 6
                | (pri ? p.value("priq_bits") << PRIQS_SHIFT : 0)
                | p.value("eventq_bits") << 16
                | p.value("cmdq_bits") << 21
                | (p.flag("attr_override") ? ATTR_PERMS_OVR : 0);
        int idr3 = HAD
                | XNX
                | (pri ? PPS : 0)
                | p.value("bbml") << BBML_SHIFT
                | (p.flag("fwb") ? FWB : 0)
                | (p.flag("range_invalidation") ? RIL : 0);
        int idr5 = IdRegs.addressCode(p.value("oas_bits"))
                | GRANULES
                | (p.flag("ds") ? DS : 0)
                | (p.flag("vax") ? VAX_52 : 0)
                | (p.value("stall_model") == NO_STALL ? 0 : p.value("stall_max") << STALL_MAX_SHIFT);
        int iidr = p.value("product_id") << 20
                | p.value("product_variant") << 16
                | p.value("product_revision") << 12
                | (p.value("product_id") == 0 ? 0 : ARM);
        IdRegs ids = new IdRegs(idr0, idr1, 0, idr3, 0, idr5, iidr, p.value("minor_version"));
        return new Identification(ids, Reg.GBPA_SHCFG_INCOMING);
    }
}
