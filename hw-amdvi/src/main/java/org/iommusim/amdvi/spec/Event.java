package org.iommusim.amdvi.spec;

import org.iommusim.hw.spec.BitField;

/** Event log records: 16 bytes, 2 words, the second of which is an address. */
public final class Event {
    /** Words in a record. */
    public static final int WORDS = 2;
    /** Bytes in a record. */
    public static final int BYTES = 16;
    /** log2 of {@link #BYTES}. */
    public static final int SHIFT = 4;

    public static final int ILLEGAL_DEV_TABLE_ENTRY = 0x1;
    public static final int IO_PAGE_FAULT = 0x2;
    public static final int DEV_TAB_HARDWARE_ERROR = 0x3;
    public static final int PAGE_TAB_HARDWARE_ERROR = 0x4;
    public static final int ILLEGAL_COMMAND_ERROR = 0x5;
    public static final int COMMAND_HARDWARE_ERROR = 0x6;
    public static final int IOTLB_INV_TIMEOUT = 0x7;
    public static final int INVALID_DEVICE_REQUEST = 0x8;
    /** PASID and tag are where a PPR log record has them: {@link Ppr}. */
    public static final int INVALID_PPR_REQUEST = 0x9;

    public static final int RMP_PAGE_FAULT = 0xd;
    public static final int RMP_HW_ERROR = 0xe;

    // ---- word 0
    public static final BitField DEVICE_ID = BitField.of("DeviceID", 0, 15, 0);
    /** With {@link #GN}: bits 19:16 of the PASID. */
    public static final BitField PASID_19_16 = BitField.of("PASID", 0, 19, 16);
    /** Domain id; with {@link #GN} bits 15:0 of the PASID. */
    public static final BitField DOMAIN_ID = BitField.of("DomainID/PASID", 0, 47, 32);

    public static final BitField FLAGS = BitField.of("flags", 0, 59, 48);
    public static final BitField CODE = BitField.of("code", 0, 63, 60);

    // ---- flags in place
    /** The request has a PASID. */
    public static final long GN = 1L << 48;
    /** The request asked for execution and may not. */
    public static final long NX = 1L << 49;
    /** The request was a user's. */
    public static final long US = 1L << 50;
    /** The request was an interrupt. */
    public static final long I = 1L << 51;
    /** The entry was present; otherwise it was not. */
    public static final long PR = 1L << 52;
    /** The request was a write. */
    public static final long RW = 1L << 53;
    /** The entry does not allow the request. */
    public static final long PE = 1L << 54;
    /** With {@link #PR}: a reserved bit was set; otherwise the level was illegal. */
    public static final long RZ = 1L << 55;
    /** The request was a translation request. */
    public static final long TR = 1L << 56;
    /** INVALID_PPR_REQUEST: the sender takes no answer. */
    public static final long PPR_RX = 1L << 48;
    /** INVALID_PPR_REQUEST: the request has a PASID. */
    public static final long PPR_GN = 1L << 57;
    /** Hardware errors: {@link #HW_MASTER_ABORT} ... */
    public static final BitField HW_TYPE = BitField.of("type", 0, 58, 57);
    /** INVALID_DEVICE_REQUEST: the request was a user's. */
    public static final long INVALID_DEVICE_US = 1L << 49;
    /** INVALID_DEVICE_REQUEST: which one. */
    public static final BitField INVALID_DEVICE_TYPE = BitField.of("type", 0, 59, 57);

    /** Hardware error: nobody answered. */
    public static final int HW_MASTER_ABORT = 1;
    /** Hardware error: it was refused. */
    public static final int HW_TARGET_ABORT = 2;
    /** Hardware error: the data was bad. */
    public static final int HW_DATA_ERROR = 3;

    private Event() {}

    /** Code and device of a record; {@code flags} are in place. */
    public static long word0(int code, int deviceId, long flags) {
        return CODE.with(0, code) | DEVICE_ID.with(0, deviceId) | flags;
    }

    /** Adds a domain id. */
    public static long withDomain(long w0, int domainId) {
        return DOMAIN_ID.with(w0, domainId);
    }

    /** Adds a PASID; the flag that says so is the caller's business, it is not the same in all records. */
    public static long withPasid(long w0, int pasid) {
        return PASID_19_16.with(DOMAIN_ID.with(w0, pasid), pasid >>> 16);
    }

    /** The PASID of a record that has one. */
    public static int pasid(long w0) {
        return DOMAIN_ID.getInt(w0) | PASID_19_16.getInt(w0) << 16;
    }

    /** The code of a record; 0 if there is none yet. */
    public static int code(long w0) {
        return CODE.getInt(w0);
    }

    /** Name of a code. */
    public static String name(int code) {
        return switch (code) {
            case ILLEGAL_DEV_TABLE_ENTRY -> "ILLEGAL_DEV_TABLE_ENTRY";
            case IO_PAGE_FAULT -> "IO_PAGE_FAULT";
            case DEV_TAB_HARDWARE_ERROR -> "DEV_TAB_HARDWARE_ERROR";
            case PAGE_TAB_HARDWARE_ERROR -> "PAGE_TAB_HARDWARE_ERROR";
            case ILLEGAL_COMMAND_ERROR -> "ILLEGAL_COMMAND_ERROR";
            case COMMAND_HARDWARE_ERROR -> "COMMAND_HARDWARE_ERROR";
            case IOTLB_INV_TIMEOUT -> "IOTLB_INV_TIMEOUT";
            case INVALID_DEVICE_REQUEST -> "INVALID_DEVICE_REQUEST";
            case INVALID_PPR_REQUEST -> "INVALID_PPR_REQUEST";
            case RMP_PAGE_FAULT -> "RMP_PAGE_FAULT";
            case RMP_HW_ERROR -> "RMP_HW_ERROR";
            default -> "event 0x" + Integer.toHexString(code);
        };
    }

    /** A record in one line for humans. */
    public static String text(long w0, long w1) {
        StringBuilder text = new StringBuilder(name(code(w0)));
        text.append(" device=0x").append(Long.toHexString(DEVICE_ID.get(w0)));
        text.append(code(w0) == INVALID_PPR_REQUEST ? pageRequest(w0) : owner(w0));
        text.append(" flags=0x").append(Long.toHexString(FLAGS.get(w0)));
        return text.append(" addr=0x").append(Long.toHexString(w1)).toString();
    }

    private static String owner(long w0) {
        return (w0 & GN) != 0 ? " pasid=" + pasid(w0) : " domain=" + DOMAIN_ID.get(w0);
    }

    private static String pageRequest(long w0) {
        return ((w0 & PPR_GN) != 0 ? " pasid=" + Ppr.pasid(w0) : "") + " tag=" + Ppr.TAG.get(w0);
    }
}
