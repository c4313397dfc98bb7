package org.iommusim.scenario.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds one protobuf message: field numbers with varints, fixed64 and bytes, which is all that traces need. */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;

    private byte[] buffer = new byte[256];
    private int size;

    /** Forgets everything. */
    ProtoWriter clear() {
        size = 0;
        return this;
    }

    /** A number. */
    ProtoWriter number(int field, long value) {
        varint((long) field << 3 | VARINT);
        varint(value);
        return this;
    }

    /** A number of always eight bytes. */
    ProtoWriter fixed64(int field, long value) {
        varint((long) field << 3 | FIXED64);
        for (int i = 0; i < Long.BYTES; i++) {
            put((byte) (value >>> 8 * i));
        }
        return this;
    }

    /** A string. */
    ProtoWriter text(int field, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return bytes(field, utf8, utf8.length);
    }

    /** A message inside this one. */
    ProtoWriter message(int field, ProtoWriter inner) {
        return bytes(field, inner.buffer, inner.size);
    }

    private ProtoWriter bytes(int field, byte[] value, int length) {
        varint((long) field << 3 | BYTES);
        varint(length);
        room(length);
        System.arraycopy(value, 0, buffer, size, length);
        size += length;
        return this;
    }

    /** Writes the message so far. */
    void writeTo(OutputStream out) throws IOException {
        out.write(buffer, 0, size);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        put((byte) rest);
    }

    private void put(byte value) {
        room(1);
        buffer[size++] = value;
    }

    private void room(int bytes) {
        if (size + bytes > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, size + bytes));
        }
    }
}
