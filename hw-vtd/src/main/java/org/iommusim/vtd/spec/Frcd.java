package org.iommusim.vtd.spec;

import org.iommusim.hw.spec.BitField;

/** Fault recording register: 16 bytes, 2 words. */
public final class Frcd {
    /** Words in a record. */
    public static final int WORDS = 2;
    /** Bytes in a record. */
    public static final int BYTES = 16;

    // ---- word 0
    /** The page that was asked for. */
    public static final BitField FI = BitField.of("FI", 0, 63, 12);
    /** The index of the interrupt, in faults of interrupt remapping. */
    public static final BitField FI_INDEX = BitField.of("FI", 0, 63, 48);

    // ---- word 1
    public static final BitField SID = BitField.of("SID", 1, 15, 0);
    /** With T1 the type: 0,0 write, 0,1 read, 1,0 page request, 1,1 AtomicOp. */
    public static final BitField T2 = BitField.bit("T2", 1, 28);
    /** The request was privileged. */
    public static final BitField PRIV = BitField.bit("PRIV", 1, 29);
    /** The request wanted to execute. */
    public static final BitField EXE = BitField.bit("EXE", 1, 30);
    /** The request had a PASID. */
    public static final BitField PP = BitField.bit("PP", 1, 31);
    /** Fault reason: {@link FaultReason}. */
    public static final BitField FR = BitField.of("FR", 1, 39, 32);
    /** The PASID. */
    public static final BitField PV = BitField.of("PV", 1, 59, 40);
    /** Address type of the request. */
    public static final BitField AT = BitField.of("AT", 1, 61, 60);

    public static final BitField T1 = BitField.bit("T1", 1, 62);
    /** The register holds a fault; written 1 to clear. */
    public static final BitField F = BitField.bit("F", 1, 63);

    /** Type: write. */
    public static final int TYPE_WRITE = 0;
    /** Type: read. */
    public static final int TYPE_READ = 1;
    /** Type: page request. */
    public static final int TYPE_PAGE_REQUEST = 2;
    /** Type: AtomicOp. */
    public static final int TYPE_ATOMIC = 3;

    /** AT: untranslated. */
    public static final int AT_UNTRANSLATED = 0;
    /** AT: translation request. */
    public static final int AT_TRANSLATION_REQUEST = 1;
    /** AT: translated. */
    public static final int AT_TRANSLATED = 2;

    private Frcd() {}

    /** First word of a DMA fault. */
    public static long word0(long address) {
        return FI.inPlace(address);
    }

    /** First word of a fault of interrupt remapping. */
    public static long interrupt0(int index) {
        return FI_INDEX.with(0, index);
    }

    /**
     * Second word, without F.
     *
     * @param pasid below 0: the request had none; then {@code execute} and {@code privileged} do not count
     * @param type {@link #TYPE_WRITE} ...
     * @param at address type
     */
    public static long word1(int reason, int sid, int pasid, int type, boolean execute, boolean privileged, int at) {
        boolean process = pasid >= 0;
        return SID.with(0, sid)
                | FR.with(0, reason)
                | AT.with(0, at)
                | T1.with(0, type)
                | T2.with(0, type >>> 1)
                | (process ? PP.mask() | PV.with(0, pasid) : 0)
                | (process && execute ? EXE.mask() : 0)
                | (process && privileged ? PRIV.mask() : 0);
    }

    /** Type of a record, given its second word. */
    public static int type(long word1) {
        return T2.getInt(word1) << 1 | T1.getInt(word1);
    }

    /** A record in one line for humans, e.g. {@code 0x5 no write permission sid=0x28 addr=0x1000 write}. */
    public static String text(long w0, long w1) {
        int reason = FR.getInt(w1);
        StringBuilder text = new StringBuilder("0x").append(Integer.toHexString(reason));
        text.append(' ').append(FaultReason.name(reason));
        text.append(" sid=0x").append(Long.toHexString(SID.get(w1)));
        if (FaultReason.isInterrupt(reason)) {
            return text.append(" index=").append(FI_INDEX.get(w0)).toString();
        }
        if (PP.isSet(w1)) {
            text.append(" pasid=").append(PV.get(w1));
        }
        text.append(" addr=0x")
                .append(Long.toHexString(FI.inPlace(w0)))
                .append(' ')
                .append(typeName(type(w1)));
        text.append(EXE.isSet(w1) ? " execute" : "").append(PRIV.isSet(w1) ? " privileged" : "");
        return text.toString();
    }

    private static String typeName(int type) {
        return switch (type) {
            case TYPE_WRITE -> "write";
            case TYPE_READ -> "read";
            case TYPE_PAGE_REQUEST -> "page-request";
            default -> "atomic";
        };
    }
}
