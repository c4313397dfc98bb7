package org.iommusim.smmuv3.spec;

import org.iommusim.hw.spec.BitField;

/**
 * Commands: 16 bytes, 2 words. For each there are two builders of one word, {@code name0} and {@code name1}, where both
 * words have operands, so that issuing one allocates nothing; the second word of the others is 0.
 */
public final class Cmd {
    /** Words in a command. */
    public static final int WORDS = 2;
    /** Bytes in a command. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    public static final int PREFETCH_CONFIG = 0x01;
    public static final int PREFETCH_ADDR = 0x02;
    public static final int CFGI_STE = 0x03;
    public static final int CFGI_STE_RANGE = 0x04;
    public static final int CFGI_CD = 0x05;
    public static final int CFGI_CD_ALL = 0x06;
    public static final int CFGI_VMS_PIDM = 0x07;
    public static final int TLBI_NH_ALL = 0x10;
    public static final int TLBI_NH_ASID = 0x11;
    public static final int TLBI_NH_VA = 0x12;
    public static final int TLBI_NH_VAA = 0x13;
    public static final int TLBI_EL3_ALL = 0x18;
    public static final int TLBI_EL3_VA = 0x1a;
    public static final int TLBI_EL2_ALL = 0x20;
    public static final int TLBI_EL2_ASID = 0x21;
    public static final int TLBI_EL2_VA = 0x22;
    public static final int TLBI_EL2_VAA = 0x23;
    public static final int TLBI_S12_VMALL = 0x28;
    public static final int TLBI_S2_IPA = 0x2a;
    public static final int TLBI_NSNH_ALL = 0x30;
    public static final int ATC_INV = 0x40;
    public static final int PRI_RESP = 0x41;
    public static final int RESUME = 0x44;
    public static final int STALL_TERM = 0x45;
    public static final int SYNC = 0x46;

    // ---- word 0
    public static final BitField OPCODE = BitField.of("opcode", 0, 7, 0);
    /** ATC_INV: all PASIDs. */
    public static final BitField GLOBAL = BitField.bit("Global", 0, 9);
    /** The command is for the Secure state; illegal in a non-secure queue. */
    public static final BitField SSEC = BitField.bit("SSec", 0, 10);
    /** The SubstreamID is given. */
    public static final BitField SSV = BitField.bit("SSV", 0, 11);

    public static final BitField SSID = BitField.of("SSID", 0, 31, 12);
    public static final BitField SID = BitField.of("SID", 0, 63, 32);
    /** Range invalidation: (NUM+1) x 2^SCALE granules. */
    public static final BitField NUM = BitField.of("NUM", 0, 16, 12);
    /** Range invalidation: log2 of the unit in granules; bit 25 only exists with IDR5.DS. */
    public static final BitField SCALE = BitField.of("SCALE", 0, 25, 20);

    public static final BitField VMID = BitField.of("VMID", 0, 47, 32);
    public static final BitField ASID = BitField.of("ASID", 0, 63, 48);
    /** RESUME: retry the stalled transaction. */
    public static final BitField RESUME_AC = BitField.bit("Ac", 0, 12);
    /** RESUME: abort it. */
    public static final BitField RESUME_AB = BitField.bit("Ab", 0, 13);
    /** SYNC: how completion is told. */
    public static final BitField SYNC_CS = BitField.of("CS", 0, 13, 12);

    public static final BitField SYNC_MSH = BitField.of("MSH", 0, 23, 22);
    public static final BitField SYNC_MSIATTR = BitField.of("MSIAttr", 0, 27, 24);
    public static final BitField SYNC_MSIDATA = BitField.of("MSIData", 0, 63, 32);

    // ---- word 1
    /** CFGI and TLBI: only the last level. */
    public static final BitField LEAF = BitField.bit("Leaf", 1, 0);
    /** CFGI_STE_RANGE: 2^(Range+1) StreamIDs; 31: all. */
    public static final BitField RANGE = BitField.of("Range", 1, 4, 0);
    /** Level of the entries to invalidate; 0: any. */
    public static final BitField TTL = BitField.of("TTL", 1, 9, 8);
    /** Granule of a range: 0 no range, 1 4K, 2 16K, 3 64K. */
    public static final BitField TG = BitField.of("TG", 1, 11, 10);
    /** Address of TLBI and ATC_INV. */
    public static final BitField ADDRESS = BitField.of("Address", 1, 63, 12);
    /** Address of TLBI_S2_IPA. */
    public static final BitField IPA = BitField.of("IPA", 1, 51, 12);
    /** ATC_INV: log2 of the size in units of 4 KiB; 52: everything. */
    public static final BitField ATC_SIZE = BitField.of("Size", 1, 5, 0);

    public static final BitField PRG_INDEX = BitField.of("PRGIndex", 1, 8, 0);
    public static final BitField PRI_RESPONSE = BitField.of("Resp", 1, 13, 12);
    public static final BitField STAG = BitField.of("STAG", 1, 15, 0);
    public static final BitField SYNC_MSIADDR = BitField.of("MSIAddress", 1, 51, 2);

    /** TG: 16 KiB. */
    public static final int TG_16K = 2;
    /** Range of CFGI_STE_RANGE that means everything (CFGI_ALL). */
    public static final int RANGE_ALL = 31;
    /** Size of ATC_INV that means everything. */
    public static final int ATC_SIZE_ALL = 52;
    /** SYNC.CS: completion is only seen in CONS. */
    public static final int CS_NONE = 0;
    /** SYNC.CS: an MSI is written. */
    public static final int CS_IRQ = 1;
    /** SYNC.CS: a wake-up event is sent. */
    public static final int CS_SEV = 2;
    /** PRI_RESP: deny. */
    public static final int PRI_DENY = 0;
    /** PRI_RESP: fail. */
    public static final int PRI_FAIL = 1;
    /** PRI_RESP: success. */
    public static final int PRI_SUCC = 2;

    private Cmd() {}

    /** Opcode of a command's first word. */
    public static int opcode(long w0) {
        return (int) w0 & 0xff;
    }

    /** log2 of a range's unit in granules: 5 bits, or with IDR5.DS 6 bits of which 39 is the most that counts. */
    public static int scale(long w0, boolean ds) {
        return ds ? Math.min(SCALE.getInt(w0), 39) : SCALE.getInt(w0) & 0x1f;
    }

    /**
     * Number of bytes that a TLBI by address covers, given both words: granules of its range, or one page.
     *
     * @param ds IDR5.DS, which decides how wide SCALE is
     */
    public static long rangeBytes(long w0, long w1, boolean ds) {
        int tg = TG.getInt(w1);
        if (tg == 0) {
            return 1L << 12;
        }
        return NUM.get(w0) + 1 << scale(w0, ds) + 10 + 2 * tg;
    }

    /** CFGI_STE, first word. */
    public static long cfgiSte0(int sid) {
        return CFGI_STE | (long) sid << 32;
    }

    /** Second word of CFGI_STE and CFGI_CD. */
    public static long leaf1(boolean leaf) {
        return leaf ? 1 : 0;
    }

    /** CFGI_STE_RANGE, first word. */
    public static long cfgiSteRange0(int sid) {
        return CFGI_STE_RANGE | (long) sid << 32;
    }

    /** CFGI_STE_RANGE, second word. */
    public static long cfgiSteRange1(int range) {
        return range;
    }

    /** CFGI_CD, first word. */
    public static long cfgiCd0(int sid, int ssid) {
        return CFGI_CD | (long) ssid << 12 | (long) sid << 32;
    }

    /** CFGI_CD_ALL. */
    public static long cfgiCdAll0(int sid) {
        return CFGI_CD_ALL | (long) sid << 32;
    }

    /** First word of a TLBI: opcode, VMID, ASID; those that the command does not have must be 0. */
    public static long tlbi0(int opcode, int vmid, int asid) {
        return opcode | (long) vmid << 32 | (long) asid << 48;
    }

    /** First word of a TLBI by range. */
    public static long tlbiRange0(int opcode, int vmid, int asid, int num, int scale) {
        return tlbi0(opcode, vmid, asid) | (long) num << 12 | (long) scale << 20;
    }

    /** Second word of a TLBI by address without range. */
    public static long tlbi1(long address, boolean leaf) {
        return ADDRESS.inPlace(address) | (leaf ? 1 : 0);
    }

    /** Second word of a TLBI by range. */
    public static long tlbiRange1(long address, boolean leaf, int ttl, int tg) {
        return tlbi1(address, leaf) | (long) ttl << 8 | (long) tg << 10;
    }

    /** ATC_INV, first word; {@code ssid} below 0: without PASID. */
    public static long atcInv0(int sid, int ssid, boolean global) {
        return ATC_INV
                | (global ? GLOBAL.mask() : 0)
                | (ssid < 0 ? 0 : SSV.mask() | (long) ssid << 12)
                | (long) sid << 32;
    }

    /** ATC_INV, second word. */
    public static long atcInv1(long address, int log2Pages) {
        return ADDRESS.inPlace(address) | log2Pages;
    }

    /** PRI_RESP, first word; {@code ssid} below 0: without PASID. */
    public static long priResp0(int sid, int ssid) {
        return PRI_RESP | (ssid < 0 ? 0 : SSV.mask() | (long) ssid << 12) | (long) sid << 32;
    }

    /** PRI_RESP, second word. */
    public static long priResp1(int group, int response) {
        return PRG_INDEX.with(PRI_RESPONSE.with(0, response), group);
    }

    /** RESUME, first word: retry, or abort, or (neither) terminate as CD.A says. */
    public static long resume0(int sid, boolean retry, boolean abort) {
        return RESUME | (retry ? RESUME_AC.mask() : 0) | (abort ? RESUME_AB.mask() : 0) | (long) sid << 32;
    }

    /** RESUME, second word. */
    public static long resume1(int stag) {
        return stag & 0xffff;
    }

    /** CMD_SYNC whose completion is seen in CONS (or told by an event, {@link #CS_SEV}). */
    public static long sync0(int cs) {
        return SYNC | (long) cs << 12;
    }

    /** CMD_SYNC that writes an MSI, first word. */
    public static long syncMsi0(int data) {
        return SYNC | (long) CS_IRQ << 12 | (long) Reg.SH_INNER << 22 | 0xfL << 24 | (long) data << 32;
    }

    /** CMD_SYNC that writes an MSI, second word. */
    public static long syncMsi1(long address) {
        return SYNC_MSIADDR.inPlace(address);
    }

    /** Name of an opcode as the architecture spells it without {@code CMD_}. */
    public static String name(int opcode) {
        return switch (opcode) {
            case PREFETCH_CONFIG -> "PREFETCH_CONFIG";
            case PREFETCH_ADDR -> "PREFETCH_ADDR";
            case CFGI_STE -> "CFGI_STE";
            case CFGI_STE_RANGE -> "CFGI_STE_RANGE";
            case CFGI_CD -> "CFGI_CD";
            case CFGI_CD_ALL -> "CFGI_CD_ALL";
            case CFGI_VMS_PIDM -> "CFGI_VMS_PIDM";
            case TLBI_NH_ALL -> "TLBI_NH_ALL";
            case TLBI_NH_ASID -> "TLBI_NH_ASID";
            case TLBI_NH_VA -> "TLBI_NH_VA";
            case TLBI_NH_VAA -> "TLBI_NH_VAA";
            case TLBI_EL3_ALL -> "TLBI_EL3_ALL";
            case TLBI_EL3_VA -> "TLBI_EL3_VA";
            case TLBI_EL2_ALL -> "TLBI_EL2_ALL";
            case TLBI_EL2_ASID -> "TLBI_EL2_ASID";
            case TLBI_EL2_VA -> "TLBI_EL2_VA";
            case TLBI_EL2_VAA -> "TLBI_EL2_VAA";
            case TLBI_S12_VMALL -> "TLBI_S12_VMALL";
            case TLBI_S2_IPA -> "TLBI_S2_IPA";
            case TLBI_NSNH_ALL -> "TLBI_NSNH_ALL";
            case ATC_INV -> "ATC_INV";
            case PRI_RESP -> "PRI_RESP";
            case RESUME -> "RESUME";
            case STALL_TERM -> "STALL_TERM";
            case SYNC -> "SYNC";
            default -> "opcode 0x" + Integer.toHexString(opcode);
        };
    }

    /** A command in one line for humans, e.g. {@code TLBI_S2_IPA vmid=1 addr=0x1000 leaf}. */
    public static String text(long w0, long w1) {
        int opcode = opcode(w0);
        StringBuilder text = new StringBuilder(name(opcode));
        switch (opcode) {
            case CFGI_STE, CFGI_CD_ALL, STALL_TERM -> sid(text, w0);
            case CFGI_STE_RANGE -> {
                if (RANGE.getInt(w1) == RANGE_ALL) {
                    return "CFGI_ALL";
                }
                sid(text, w0).append(" range=").append(RANGE.get(w1));
            }
            case CFGI_CD -> sid(text, w0).append(" ssid=").append(SSID.get(w0));
            case ATC_INV ->
                sid(text, w0)
                        .append(" addr=0x")
                        .append(Long.toHexString(ADDRESS.inPlace(w1)))
                        .append(" size=")
                        .append(ATC_SIZE.get(w1));
            case RESUME -> sid(text, w0).append(" stag=").append(STAG.get(w1));
            case TLBI_NH_ALL, TLBI_S12_VMALL -> text.append(" vmid=").append(VMID.get(w0));
            case TLBI_NH_ASID ->
                text.append(" vmid=").append(VMID.get(w0)).append(" asid=").append(ASID.get(w0));
            case TLBI_NH_VA ->
                address(
                        text.append(" vmid=")
                                .append(VMID.get(w0))
                                .append(" asid=")
                                .append(ASID.get(w0)),
                        w0,
                        w1);
            case TLBI_NH_VAA, TLBI_S2_IPA -> address(text.append(" vmid=").append(VMID.get(w0)), w0, w1);
            default -> {
                // No operands, or none that say more than the name.
            }
        }
        return text.toString();
    }

    private static StringBuilder sid(StringBuilder text, long w0) {
        return text.append(" sid=0x").append(Long.toHexString(SID.get(w0)));
    }

    private static void address(StringBuilder text, long w0, long w1) {
        text.append(" addr=0x").append(Long.toHexString(ADDRESS.inPlace(w1)));
        if (TG.isSet(w1)) {
            text.append(" bytes=0x").append(Long.toHexString(rangeBytes(w0, w1, true)));
        }
        if (LEAF.isSet(w1)) {
            text.append(" leaf");
        }
    }
}
