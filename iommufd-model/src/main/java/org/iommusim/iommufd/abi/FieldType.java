package org.iommusim.iommufd.abi;

import java.util.Locale;

/** The integer types of the uAPI's structures. */
public enum FieldType {
    /** {@code __u8}. */
    U8(1, false),
    /** {@code __u16}. */
    U16(2, false),
    /** {@code __u32}. */
    U32(4, false),
    /** {@code __s32}: a file descriptor. */
    S32(4, true),
    /** {@code __aligned_u64}. */
    U64(8, false),
    /** {@code __aligned_le64}: a word in the hardware's layout. */
    LE64(8, false);

    private final int bytes;
    private final boolean signed;

    FieldType(int bytes, boolean signed) {
        this.bytes = bytes;
        this.signed = signed;
    }

    /** Size in bytes. */
    public int bytes() {
        return bytes;
    }

    /** As tables spell it, e.g. {@code u32}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The value that a number takes in a field of this type: cut to its bytes, then extended. */
    public long fit(long value) {
        int unused = Long.SIZE - 8 * bytes;
        return signed ? value << unused >> unused : value << unused >>> unused;
    }

    /** Reads a value, zero or sign extended. */
    public long read(byte[] from, int offset) {
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | from[offset + i] & 0xff;
        }
        return fit(value);
    }

    /** Writes the low bytes of a value. */
    public void write(byte[] to, int offset, long value) {
        for (int i = 0; i < bytes; i++) {
            to[offset + i] = (byte) (value >>> 8 * i);
        }
    }
}
