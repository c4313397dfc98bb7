package org.iommusim.smmuv3.spec;

import org.iommusim.hw.spec.BitField;

/** Event records: 32 bytes, 4 words. */
public final class Event {
    /** Words in a record. */
    public static final int WORDS = 4;
    /** Bytes in a record. */
    public static final int BYTES = 32;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 5;

    /** No event. */
    public static final int NONE = 0;

    public static final int F_UUT = 0x01;
    public static final int C_BAD_STREAMID = 0x02;
    public static final int F_STE_FETCH = 0x03;
    public static final int C_BAD_STE = 0x04;
    public static final int F_BAD_ATS_TREQ = 0x05;
    public static final int F_STREAM_DISABLED = 0x06;
    public static final int F_TRANSL_FORBIDDEN = 0x07;
    public static final int C_BAD_SUBSTREAMID = 0x08;
    public static final int F_CD_FETCH = 0x09;
    public static final int C_BAD_CD = 0x0a;
    public static final int F_WALK_EABT = 0x0b;
    public static final int F_TRANSLATION = 0x10;
    public static final int F_ADDR_SIZE = 0x11;
    public static final int F_ACCESS = 0x12;
    public static final int F_PERMISSION = 0x13;
    public static final int F_TLB_CONFLICT = 0x20;
    public static final int F_CFG_CONFLICT = 0x21;
    public static final int E_PAGE_REQUEST = 0x24;
    public static final int F_VMS_FETCH = 0x25;

    // ---- word 0
    public static final BitField ID = BitField.of("id", 0, 7, 0);
    public static final BitField SSV = BitField.bit("SSV", 0, 11);
    public static final BitField SSID = BitField.of("SSID", 0, 31, 12);
    public static final BitField SID = BitField.of("SID", 0, 63, 32);

    // ---- word 1
    public static final BitField STAG = BitField.of("STAG", 1, 15, 0);
    public static final BitField STALL = BitField.bit("Stall", 1, 31);
    /** Privileged, not unprivileged. */
    public static final BitField PNU = BitField.bit("PnU", 1, 33);
    /** Instruction, not data. */
    public static final BitField IND = BitField.bit("InD", 1, 34);
    /** Read, not write. */
    public static final BitField RNW = BitField.bit("RnW", 1, 35);

    public static final BitField NSIPA = BitField.bit("NSIPA", 1, 38);
    /** The fault is one of stage 2. */
    public static final BitField S2 = BitField.bit("S2", 1, 39);
    /** What was being translated when it happened: {@link #CLASS_CD} ... */
    public static final BitField CLASS = BitField.of("CLASS", 1, 41, 40);
    /** With CLASS=TT: the walk was reading, not writing, the descriptor. */
    public static final BitField TTRNW = BitField.bit("TTRnW", 1, 44);

    /** F_BAD_ATS_TREQ: how many units were asked for. */
    public static final BitField TREQ_SPAN = BitField.of("Span", 1, 3, 0);

    /** F_BAD_ATS_TREQ: what the translation request wanted. */
    public static final BitField TREQ_PRIVILEGED = BitField.bit("P", 1, 28);

    public static final BitField TREQ_EXECUTE = BitField.bit("X", 1, 29);
    public static final BitField TREQ_WRITE = BitField.bit("W", 1, 30);
    public static final BitField TREQ_READ = BitField.bit("R", 1, 31);

    // ---- words 2 and 3
    public static final BitField INPUT_ADDR = BitField.of("InputAddr", 2, 63, 0);
    public static final BitField IPA = BitField.of("IPA", 3, 51, 12);
    public static final BitField FETCH_ADDR = BitField.of("FetchAddr", 3, 51, 3);

    /** CLASS: the fetch of a context descriptor. */
    public static final int CLASS_CD = 0;
    /** CLASS: the walk of a stage 1 table. */
    public static final int CLASS_TT = 1;
    /** CLASS: the input address itself. */
    public static final int CLASS_IN = 2;

    private Event() {}

    /** First word; {@code ssid} below 0: without SubstreamID. */
    public static long word0(int code, int sid, int ssid) {
        return code | (ssid < 0 ? 0 : SSV.mask() | (long) ssid << 12) | (long) sid << 32;
    }

    /** Second word of a fault: attributes of the access and where it failed. */
    public static long word1(boolean privileged, boolean instruction, boolean read, boolean stage2, int faultClass) {
        return (privileged ? PNU.mask() : 0)
                | (instruction ? IND.mask() : 0)
                | (read ? RNW.mask() : 0)
                | (stage2 ? S2.mask() : 0)
                | (long) faultClass << 40;
    }

    /** Second word of F_BAD_ATS_TREQ for one unit. */
    public static long treq1(boolean read, boolean write, boolean execute, boolean privileged) {
        return TREQ_SPAN.with(0, 1)
                | (read ? TREQ_READ.mask() : 0)
                | (write ? TREQ_WRITE.mask() : 0)
                | (execute ? TREQ_EXECUTE.mask() : 0)
                | (privileged ? TREQ_PRIVILEGED.mask() : 0);
    }

    /** A second word turned into that of a stalled transaction. */
    public static long stalled(long word1, int stag) {
        return word1 | STALL.mask() | stag & 0xffff;
    }

    /** True if a record is that of a stalled transaction: other records use the Stall bit for something else. */
    public static boolean isStalled(long word0, long word1) {
        return isTranslationFault(ID.getInt(word0)) && STALL.isSet(word1);
    }

    /** True if records of this code carry the input address and attributes of the access. */
    public static boolean hasInput(int code) {
        return switch (code) {
            case F_UUT,
                    F_TRANSL_FORBIDDEN,
                    F_WALK_EABT,
                    F_TRANSLATION,
                    F_ADDR_SIZE,
                    F_ACCESS,
                    F_PERMISSION,
                    F_TLB_CONFLICT -> true;
            default -> false;
        };
    }

    /** True if records of this code carry S2, CLASS and, for stage 2, the IPA. */
    public static boolean hasClass(int code) {
        return code == F_WALK_EABT || isTranslationFault(code);
    }

    /** True for F_TRANSLATION, F_ADDR_SIZE, F_ACCESS and F_PERMISSION: recorded only if CD.R or STE.S2R asks for it. */
    public static boolean isTranslationFault(int code) {
        return code >= F_TRANSLATION && code <= F_PERMISSION;
    }

    /** True if records of this code carry the address of a failed fetch. */
    public static boolean hasFetchAddress(int code) {
        return code == F_STE_FETCH || code == F_CD_FETCH || code == F_WALK_EABT || code == F_VMS_FETCH;
    }

    /** Name of a code. */
    public static String name(int code) {
        return switch (code) {
            case F_UUT -> "F_UUT";
            case C_BAD_STREAMID -> "C_BAD_STREAMID";
            case F_STE_FETCH -> "F_STE_FETCH";
            case C_BAD_STE -> "C_BAD_STE";
            case F_BAD_ATS_TREQ -> "F_BAD_ATS_TREQ";
            case F_STREAM_DISABLED -> "F_STREAM_DISABLED";
            case F_TRANSL_FORBIDDEN -> "F_TRANSL_FORBIDDEN";
            case C_BAD_SUBSTREAMID -> "C_BAD_SUBSTREAMID";
            case F_CD_FETCH -> "F_CD_FETCH";
            case C_BAD_CD -> "C_BAD_CD";
            case F_WALK_EABT -> "F_WALK_EABT";
            case F_TRANSLATION -> "F_TRANSLATION";
            case F_ADDR_SIZE -> "F_ADDR_SIZE";
            case F_ACCESS -> "F_ACCESS";
            case F_PERMISSION -> "F_PERMISSION";
            case F_TLB_CONFLICT -> "F_TLB_CONFLICT";
            case F_CFG_CONFLICT -> "F_CFG_CONFLICT";
            case E_PAGE_REQUEST -> "E_PAGE_REQUEST";
            case F_VMS_FETCH -> "F_VMS_FETCH";
            default -> "event 0x" + Integer.toHexString(code);
        };
    }

    /**
     * A record in one line for humans, e.g. {@code F_TRANSLATION sid=0x10 iova=0x4000 write class=IN s2=0}. Only what
     * records of that code carry is shown.
     */
    public static String text(long w0, long w1, long w2, long w3) {
        int code = ID.getInt(w0);
        StringBuilder text = new StringBuilder(name(code)).append(" sid=0x").append(Long.toHexString(SID.get(w0)));
        if (SSV.isSet(w0)) {
            text.append(" ssid=").append(SSID.get(w0));
        }
        if (hasInput(code)) {
            text.append(" iova=0x").append(Long.toHexString(w2));
            text.append(RNW.isSet(w1) ? " read" : " write");
            text.append(IND.isSet(w1) ? " instruction" : "");
            text.append(PNU.isSet(w1) ? " privileged" : "");
        }
        if (hasClass(code)) {
            text.append(" class=").append(className(CLASS.getInt(w1)));
            text.append(S2.isSet(w1) ? " s2=1" : " s2=0");
            if (S2.isSet(w1) && code != F_WALK_EABT) {
                text.append(" ipa=0x").append(Long.toHexString(IPA.inPlace(w3)));
            }
        }
        if (hasFetchAddress(code)) {
            text.append(" fetch=0x").append(Long.toHexString(FETCH_ADDR.inPlace(w3)));
        }
        if (STALL.isSet(w1) && hasInput(code)) {
            text.append(" stall stag=").append(STAG.get(w1));
        }
        return text.toString();
    }

    private static String className(int faultClass) {
        return switch (faultClass) {
            case CLASS_CD -> "CD";
            case CLASS_TT -> "TT";
            case CLASS_IN -> "IN";
            default -> "3";
        };
    }
}
