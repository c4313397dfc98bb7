package org.iommusim.smmuv3;

import org.iommusim.smmuv3.spec.IdRegs;
import org.iommusim.smmuv3.spec.Reg;

/**
 * The identification registers: what a device can do.
 *
 * <p>Made from parameters they offer what presets are meant to have. Absent, and reported so: stalls, ATS, PRI, hardware
 * updates of tables, EL2, broadcast TLB maintenance, ATOS, VMSAv8-32, small tables, 52-bit virtual addresses. A faulting
 * access is always aborted (TERM_MODEL=1). Made from a real SMMU's registers they offer what that one does; see {@link
 * RecordedIdentification}.
 *
 * @param ids the registers that never change
 * @param gbpa what GBPA is after a reset, which is implementation defined
 */
record Identification(IdRegs ids, int gbpa) {
    private static final int S2P = 1;
    private static final int S1P = 1 << 1;
    private static final int TTF_AARCH64 = 2 << 2;
    private static final int COHACC = 1 << 4;
    private static final int HTTU_SHIFT = 6;
    private static final int HYP = 1 << 9;
    private static final int ASID16 = 1 << 12;
    private static final int MSI = 1 << 13;
    private static final int SEV = 1 << 14;
    private static final int VMID16 = 1 << 18;
    private static final int TTENDIAN_LITTLE = 2 << 21;
    private static final int STALL_MODEL_NONE = 1 << 24;
    private static final int TERM_MODEL = 1 << 26;
    private static final int ST_LEVEL_2 = 1 << 27;
    private static final int CD2L = 1 << 19;

    private static final int ATTR_PERMS_OVR = 1 << 26;

    private static final int HAD = 1 << 2;
    private static final int XNX = 1 << 4;
    private static final int FWB = 1 << 8;
    private static final int RIL = 1 << 10;

    private static final int DS = 1 << 7;
    private static final int VAX_52 = 1 << 10;
    private static final int GRANULES = 7 << 4;
    private static final int ARM = 0x43b;

    static Identification of(Smmuv3Parameters p) {
        int idr0 = S2P
                | S1P
                | TTF_AARCH64
                | COHACC
                | ASID16
                | MSI
                | SEV
                | VMID16
                | (p.flag("hyp") ? HYP : 0)
                | p.value("httu") << HTTU_SHIFT
                | TTENDIAN_LITTLE
                | STALL_MODEL_NONE
                | TERM_MODEL
                | CD2L
                | ST_LEVEL_2;
        int idr1 = p.value("sid_bits")
                | p.value("ssid_bits") << 6
                | p.value("eventq_bits") << 16
                | p.value("cmdq_bits") << 21
                | ATTR_PERMS_OVR;
        int idr3 = HAD | XNX | (p.flag("fwb") ? FWB : 0) | (p.flag("range_invalidation") ? RIL : 0);
        int idr5 = IdRegs.addressCode(p.value("oas_bits"))
                | GRANULES
                | (p.flag("ds") ? DS : 0)
                | (p.flag("vax") ? VAX_52 : 0);
        int iidr = p.value("product_id") << 20
                | p.value("product_variant") << 16
                | p.value("product_revision") << 12
                | (p.value("product_id") == 0 ? 0 : ARM);
        IdRegs ids = new IdRegs(idr0, idr1, 0, idr3, 0, idr5, iidr, p.value("minor_version"));
        return new Identification(ids, Reg.GBPA_SHCFG_INCOMING);
    }
}
